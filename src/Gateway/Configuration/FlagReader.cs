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
    public static FlagTemplate? Read(SectionReader section, IReadOnlyDictionary<string, string> environment)
    {
        var isThere = section.TryValue(Option, Text, out var text);
        var isNamed = section.TryValue(VariableOption, Variable, out var variable);
        if (!isThere)
        {
            return null;
        }

        var template = FlagTemplate.Parse(text, out var error);
        if (template is null)
        {
            section.Fail(Option, $"{ConfigurationErrors.Show(text)} {error}");
            return null;
        }

        template = isNamed ? template with { Variable = variable } : template;
        if (environment.ContainsKey(template.Variable))
        {
            section.Fail(VariableOption, $"{template.Variable} is in env already; allowed: another name");
        }

        return template;
    }
}
