using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Instancer.Gateway.Configuration;

/// <summary>
/// Looks a configuration file over before the standard provider reads it: that one names no place for a duplicate key, and drops
/// the difference between <c>null</c> and an empty section.
/// </summary>
internal sealed class JsonScan
{
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _nulls = [];

    private JsonScan()
    {
    }

    /// <summary>The error in one line, with file, line and column; null if there is none.</summary>
    public string? Error { get; private set; }

    /// <summary>The paths, joined with <c>:</c>, whose value is <c>null</c>.</summary>
    public IReadOnlyList<string> Nulls => _nulls;

    /// <summary>Scans a whole file.</summary>
    public static JsonScan Of(byte[] json, string file)
    {
        var scan = new JsonScan();
        var start = json.AsSpan().StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var reader = new Utf8JsonReader(
            json.AsSpan(start), new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        try
        {
            scan.Error = scan.Walk(ref reader) is { } error ? $"{file}{Place(json.AsSpan(start), reader.TokenStartIndex)}: {error}" : null;
        }
        catch (JsonException e)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $":{(e.LineNumber ?? 0) + 1}:{(e.BytePositionInLine ?? 0) + 1}");
            scan.Error = $"{file}{place}: not JSON: {WithoutPlace(e.Message)}";
        }

        return scan;
    }

    private string? Walk(ref Utf8JsonReader reader)
    {
        var path = new Stack<string>();
        var next = new Stack<int>();
        string? name = null;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    if (!_seen.Add(Join(path, name)))
                    {
                        return $"duplicate key {Join(path, name).Replace(':', '.')}";
                    }

                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.Pop();
                    next.Pop();
                    break;
                default:
                    if (reader.CurrentDepth == 0 && reader.TokenType != JsonTokenType.StartObject)
                    {
                        return "the file is not an object; it begins with { and ends with }";
                    }

                    if (name is null && next.Count > 0)
                    {
                        var index = next.Pop();
                        next.Push(index + 1);
                        name = index.ToString(CultureInfo.InvariantCulture);
                    }

                    if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                    {
                        path.Push(name ?? "");
                        next.Push(0);
                    }
                    else if (reader.TokenType == JsonTokenType.Null)
                    {
                        _nulls.Add(Join(path, name!));
                    }

                    name = null;
                    break;
            }
        }

        return null;
    }

    // The root object has no name and so no part in a path.
    private static string Join(Stack<string> path, string name) =>
        ConfigurationPath.Combine(path.Reverse().Skip(1).Append(name));

    private static string Place(ReadOnlySpan<byte> json, long index)
    {
        var before = json[..(int)index];
        return string.Create(
            CultureInfo.InvariantCulture, $":{before.Count((byte)'\n') + 1}:{index - before.LastIndexOf((byte)'\n')}");
    }

    // The message ends with "LineNumber: 3 | BytePositionInLine: 4.", counted from zero.
    private static string WithoutPlace(string message)
    {
        var place = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (place < 0 ? message : message[..place]).ReplaceLineEndings(" ");
    }
}
