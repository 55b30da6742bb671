using System.Globalization;
using System.Text;

namespace Instancer.Gateway.Configuration;

/// <summary>
/// Reads the text of files that are secret. They are read with the configuration, so that what is wrong with them is known before anything is started.
/// </summary>
internal static class PrivateFileReader
{
    // What is longer is some other file.
    private const int Longest = 4096;

    private const UnixFileMode Others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>In which way others may use a file, in a few words that follow its name; null if they may not.</summary>
    public static string? Exposure(FileStream file) =>
        !OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) is var mode && (mode & Others) != 0
            ? $"is open to others (mode {Convert.ToString((int)mode, toBase: 8)})"
            : null;

    /// <summary>The file; null if the option is not given, or what it names is not as it has to be.</summary>
    /// <param name="section">The section of the option.</param>
    /// <param name="option">The option that names the file.</param>
    /// <param name="least">How many characters there have to be.</param>
    /// <param name="allowed">What is allowed, for errors.</param>
    public static PrivateFile? Read(SectionReader section, string option, int least, string allowed)
    {
        if (!section.TryValue(option, ValueKinds.FilePath, out var path))
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            if (Exposure(file) is { } exposure)
            {
                Fail(exposure);
                return null;
            }

            var bytes = new byte[Longest + 1];
            var text = Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)).Trim();
            if (text.Length >= least && text.Length <= Longest)
            {
                return new PrivateFile(path, text);
            }

            Fail(text.Length > Longest ? "is too long" : string.Create(CultureInfo.InvariantCulture, $"holds {text.Length} characters"));
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

        void Fail(string what) => section.Fail(option, $"{ConfigurationErrors.Show(path)} {what}; allowed: {allowed}");
    }
}

/// <summary>A file that is secret; no record, so that what is in it is in no other text by accident.</summary>
internal sealed class PrivateFile(string path, string text)
{
    /// <summary>Its path.</summary>
    public string Path => path;

    /// <summary>What is in it, without the white space around it.</summary>
    public string Text => text;
}
