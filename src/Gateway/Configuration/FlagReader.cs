using Instancer.Actors.Instances;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what the flags of a challenge look like.</summary>
internal static class FlagReader
{
    private const string Option = "flag";
    private const string VariableOption = "flagVariable";

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
