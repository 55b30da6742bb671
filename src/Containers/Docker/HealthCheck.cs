using System.Globalization;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>
/// What the image's own health check says, where it has one: the engine runs it as often as the image asks for, and tells the last result with an
/// inspection. Where there is none, it tells nothing, or a status without a meaning.
/// </summary>
internal static class HealthCheck
{
    /// <summary>Whether there is a health check that has not passed: not yet, or not any more.</summary>
    public static bool HoldsBack(Health? health) => health?.Status is "starting" or "unhealthy";

    /// <summary>Why it has not passed, in one line.</summary>
    public static string Explain(Health? health)
    {
        if (health?.Log is not [.., var last])
        {
            return "it has not ended once, and the engine runs it first when the interval that the image gives it is over";
        }

        var output = OneLine.Of(last.Output ?? "");
        var status = string.Create(CultureInfo.InvariantCulture, $"exit status {last.ExitCode}");
        return output.Length == 0 ? status
            // It did not exit: the engine's own words, as of a timeout.
            : last.ExitCode < 0 ? output
            : $"{status}: {output}";
    }
}
