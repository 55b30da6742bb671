using System.Collections;

namespace Instancer.Gateway.Commands;

/// <summary>The process's environment.</summary>
internal static class EnvironmentVariables
{
    /// <summary>All variables.</summary>
    public static Dictionary<string, string> All()
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            all[(string)variable.Key] = (string?)variable.Value ?? "";
        }

        return all;
    }
}
