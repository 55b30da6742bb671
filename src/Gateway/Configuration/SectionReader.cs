using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Instancer.Gateway.Configuration;

/// <summary>
/// Reads the options of one section, reports what is wrong with them, and knows from what it was asked for which keys there are.
/// </summary>
internal sealed class SectionReader
{
    private readonly Dictionary<string, IConfigurationSection> _children = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _asked = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConfigurationErrors _errors;

    /// <param name="section">The section; may be empty.</param>
    /// <param name="path">Its path, as errors show it; empty for the root.</param>
    /// <param name="errors">Where errors go.</param>
    public SectionReader(IConfiguration section, string path, ConfigurationErrors errors)
    {
        Path = path;
        _errors = errors;
        foreach (var child in section.GetChildren())
        {
            _children[child.Key] = child;
        }

        if (section is IConfigurationSection { Value: { Length: > 0 } value })
        {
            errors.Add(path, $"{ConfigurationErrors.Show(value)} is not a section; allowed: an object, {{ ... }}");
        }
    }

    /// <summary>The section's path.</summary>
    public string Path { get; }

    /// <summary>The names of the keys that are there.</summary>
    public IEnumerable<string> Keys => _children.Keys.Order(StringComparer.Ordinal);

    /// <summary>The path of one of the section's options.</summary>
    public string PathOf(string name) => Path.Length == 0 ? name : $"{Path}.{name}";

    /// <summary>A value, or <paramref name="fallback"/> if it is missing, null or wrong.</summary>
    public T Value<T>(string name, T fallback, ValueKind<T> kind) => TryValue(name, kind, out var value) ? value : fallback;

    /// <summary>A value that has to be there.</summary>
    public T? Required<T>(string name, ValueKind<T> kind)
    {
        if (Text(name) is null && !HasChildren(name))
        {
            _errors.Add(PathOf(name), $"missing; allowed: {kind.Allowed}");
        }

        return TryValue(name, kind, out var value) ? value : default;
    }

    /// <summary>A value; false if it is missing, null or wrong.</summary>
    public bool TryValue<T>(string name, ValueKind<T> kind, out T value)
    {
        _asked.Add(name);
        value = default!;
        if (HasChildren(name))
        {
            _errors.Add(PathOf(name), $"a section is not {kind.Noun}; allowed: {kind.Allowed}");
            return false;
        }

        if (Text(name) is not { } text)
        {
            return false;
        }

        var isValid = kind.Parse(text, out value);
        if (!isValid)
        {
            _errors.Value(PathOf(name), text, kind.Noun, kind.Allowed);
        }

        return isValid;
    }

    /// <summary>A value, or null if it is missing, wrong or explicitly empty (<c>null</c>, or an empty text in the environment).</summary>
    public T? ValueOrNone<T>(string name, ValueKind<T> kind)
        where T : struct
    {
        if (Text(name) is "")
        {
            _asked.Add(name);
            return null;
        }

        return TryValue(name, kind, out var value) ? value : null;
    }

    /// <summary>The same, but <paramref name="fallback"/> if it is missing.</summary>
    public T? ValueOrNone<T>(string name, T? fallback, ValueKind<T> kind)
        where T : struct => IsMissing(name) ? fallback : ValueOrNone(name, kind);

    /// <summary>Reports what is wrong with an option that no kind of value tells.</summary>
    public void Fail(string name, string message) => _errors.Add(PathOf(name), message);

    /// <summary>Whether the key is not there at all.</summary>
    public bool IsMissing(string name)
    {
        _asked.Add(name);
        return !_children.ContainsKey(name);
    }

    /// <summary>Whether the key is there, and says that there is nothing: <c>null</c>, or an empty text in the environment.</summary>
    public bool IsNone(string name) => !IsMissing(name) && !HasChildren(name) && Text(name) is null or "";

    /// <summary>Whether the key is there as an empty text: a section that is <c>null</c> and can be done without.</summary>
    public bool IsEmptyText(string name) => !IsMissing(name) && !HasChildren(name) && Text(name) is "";

    /// <summary>A list of texts; null if it is missing.</summary>
    public IReadOnlyList<string>? List(string name)
    {
        _asked.Add(name);
        if (!_children.TryGetValue(name, out var list))
        {
            return null;
        }

        var items = list.GetChildren().ToList();
        if (items.Count == 0 && list.Value is null or "")
        {
            return [];
        }

        var isList = list.Value is null && items.Select((item, i) => item.Key == i.ToString(CultureInfo.InvariantCulture)).All(ok => ok);
        if (!isList || items.Any(item => item.Value is null))
        {
            _errors.Add(PathOf(name), $"{(list.Value is { } value ? ConfigurationErrors.Show(value) : "a section")} is not a list; allowed: a list of texts, [\"a\", \"b\"]");
            return null;
        }

        return [.. items.Select(item => item.Value!)];
    }

    /// <summary>A list of values, without those that are wrong; empty if it is missing.</summary>
    public IReadOnlyList<T> Values<T>(string name, ValueKind<T> kind)
    {
        List<T> values = [];
        foreach (var text in List(name) ?? [])
        {
            if (kind.Parse(text, out var value))
            {
                values.Add(value);
            }
            else
            {
                _errors.Value(PathOf(name), text, kind.Noun, kind.Allowed);
            }
        }

        return values;
    }

    /// <summary>A list of texts that has to be there and may not be empty.</summary>
    public IReadOnlyList<string> RequiredList(string name)
    {
        var before = _errors.Lines.Count;
        var list = List(name);
        if (_errors.Lines.Count == before && list is null or [])
        {
            _errors.Add(PathOf(name), $"{(list is null ? "missing" : "empty")}; allowed: a list of at least one text, [\"a\", \"b\"]");
        }
        else if (list is ["", ..])
        {
            _errors.Add(PathOf(name), "the first word is empty; allowed: a list of at least one text, [\"a\", \"b\"]");
        }

        return list ?? [];
    }

    /// <summary>Names and texts, the names being those of environment variables.</summary>
    public IReadOnlyDictionary<string, string> Map(string name)
    {
        _asked.Add(name);
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (_children.TryGetValue(name, out var section))
        {
            var reader = new SectionReader(section, PathOf(name), _errors);
            foreach (var key in reader.Keys)
            {
                if (!IsVariableName(key))
                {
                    _errors.Value(reader.PathOf(key), key, "a variable's name", "letters, digits and '_', no digit in front");
                }

                map[key] = reader.Value(key, "", AnyText);
            }
        }

        return map;
    }

    /// <summary>A section within, empty if it is missing.</summary>
    public SectionReader Section(string name)
    {
        _asked.Add(name);
        return _children.TryGetValue(name, out var section)
            ? new SectionReader(section, PathOf(name), _errors)
            : new SectionReader(new ConfigurationBuilder().Build(), PathOf(name), _errors);
    }

    /// <summary>Lets options pass that cannot be judged.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _asked.Add(name);
        }
    }

    /// <summary>Refuses options that belong to another kind of section.</summary>
    public void Refuse(string reason, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _asked.Add(name);
            if (_children.ContainsKey(name))
            {
                _errors.Add(PathOf(name), reason);
            }
        }
    }

    /// <summary>Refuses every key that was not asked for.</summary>
    public void Finish()
    {
        foreach (var key in Keys.Where(key => !_asked.Contains(key)))
        {
            var nearest = EditDistance.Nearest(key, _asked);
            _errors.Add(PathOf(key), nearest is null
                ? $"unknown key; known here: {string.Join(", ", _asked.Order(StringComparer.Ordinal))}"
                : $"unknown key; did you mean \"{nearest}\"?");
        }
    }

    private static ValueKind<string> AnyText { get; } = new("a text", "a text", (string text, out string value) =>
    {
        value = text;
        return true;
    });

    /// <summary>Whether shells would take the text as a variable's name.</summary>
    public static bool IsVariableName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private string? Text(string name) =>
        _children.TryGetValue(name, out var child) ? child.Value : null;

    private bool HasChildren(string name) => _children.TryGetValue(name, out var child) && child.GetChildren().Any();
}
