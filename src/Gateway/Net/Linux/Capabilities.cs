using System.Globalization;

namespace Instancer.Gateway.Net.Linux;

/// <summary>What this process may do of what root may, as <c>/proc/self/status</c> shows it.</summary>
internal static class Capabilities
{
    /// <summary>CAP_SYS_PTRACE: to look at the processes of others.</summary>
    public const int Ptrace = 19;

    private const string Label = "CapEff:";

    /// <summary>Whether it has the capability of this number.</summary>
    public static bool Have(int capability) => Have(File.ReadAllText("/proc/self/status"), capability);

    /// <summary>The same, of the text of such a file: a mask in hexadecimal.</summary>
    public static bool Have(string status, int capability)
    {
        var line = status.Split('\n').FirstOrDefault(text => text.StartsWith(Label, StringComparison.Ordinal));
        return ulong.TryParse(line?[Label.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var mask)
            && (mask >> capability & 1) == 1;
    }
}
