using Instancer.Actors.Instances;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what the flags of a challenge look like.</summary>
internal static class FlagReader
{
    /// <summary>The option of a container's file.</summary>
    public const string FileOption = "flagFile";

    private const string Option = "flag";
    private const string VariableOption = "flagVariable";

    // What the kernel shows there is no place for files, and the engine refuses to put one there or makes a mess of it.
    private static readonly string[] NoPlaces = ["proc", "sys", "dev"];

    private static readonly ValueKind<string> File = new(
        "a file's path", "an absolute path in the container, such as /flag.txt, not in /proc, /sys or /dev", (string text, out string value) =>
        {
            value = text;
            var names = text.Split('/');
            return names is ["", var first, ..]
                && !NoPlaces.Contains(first)
                && names[1..].All(name => name is not "" and not "." and not "..")
                && !text.Any(char.IsControl);
        });

    private static readonly ValueKind<string> Text = new(
        "a flag", "text with {random}, {random:N}, {hmac} or {name} in it, such as FLAG{{random}}", (string text, out string value) =>
        {
            value = text;
            return text.Length > 0;
        });

    private static readonly ValueKind<string> Variable = new(
        "a variable's name", "letters, digits and '_', no digit in front", (string text, out string value) =>
        {
            value = text;
            return SectionReader.IsVariableName(text);
        });

    /// <summary>The template; null if the challenge has no flag.</summary>
    public static FlagTemplate? Read(SectionReader section)
    {
        if (!section.TryValue(Option, Text, out var text))
        {
            return null;
        }

        var template = FlagTemplate.Parse(text, out var error);
        if (template is null)
        {
            section.Fail(Option, $"{ConfigurationErrors.Show(text)} {error}");
        }

        return template;
    }

    /// <summary>The file in which the container that <paramref name="section"/> is about gets the flag; null for none.</summary>
    public static string? ReadFile(SectionReader section, FlagTemplate? flag)
    {
        var file = section.IsNone(FileOption) ? null : section.Value<string?>(FileOption, null, File!);
        if (flag is null && file is not null)
        {
            section.Fail(FileOption, "the challenge has no flag to put there; allowed: together with flag");
        }

        return file;
    }

    /// <summary>The variable in which whoever <paramref name="section"/> is about gets the flag, if there is one; <paramref name="fallback"/> if it says nothing.</summary>
    public static string? ReadVariable(SectionReader section, FlagTemplate? flag, IReadOnlyDictionary<string, string> environment, string? fallback)
    {
        var variable = section.IsNone(VariableOption) ? null : section.Value(VariableOption, fallback, Variable!);
        if (flag is not null && variable is not null && environment.ContainsKey(variable))
        {
            section.Fail(VariableOption, $"{variable} is in env already; allowed: another name");
        }

        return variable;
    }
}
