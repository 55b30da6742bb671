using System.Text.Json;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Configuration;

/// <summary>
/// Reads which system calls the containers of a challenge may make. A profile's file is read with the configuration: what is wrong with it
/// is known before the first client comes, and every instance has the same.
/// </summary>
internal static class SeccompReader
{
    private const string Option = "seccomp";
    private const string Allowed = "allowed: the path of a seccomp profile in JSON, unconfined";

    /// <summary>The profile; null for the engine's own.</summary>
    public static SeccompProfile? Read(SectionReader section)
    {
        if (!section.TryValue(Option, ValueKinds.FilePath, out var path))
        {
            return null;
        }

        if (path == SeccompProfile.Unconfined.Name)
        {
            return SeccompProfile.Unconfined;
        }

        try
        {
            var text = File.ReadAllText(path);
            using var profile = JsonDocument.Parse(text);
            if (profile.RootElement.ValueKind == JsonValueKind.Object && profile.RootElement.TryGetProperty("defaultAction", out _))
            {
                return new SeccompProfile(path, text);
            }

            Fail("has no defaultAction");
        }
        catch (JsonException e)
        {
            Fail(FormattableString.Invariant($"is not JSON (line {e.LineNumber + 1})"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Fail("is no file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail($"cannot be read: {e.Message}");
        }

        return null;

        void Fail(string what) => section.Fail(Option, $"{ConfigurationErrors.Show(path)} {what}; {Allowed}");
    }
}
