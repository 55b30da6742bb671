using System.Text;
using Instancer.Actors;
using Instancer.Gate.Files;

namespace Instancer.Gateway.Tokens;

/// <summary>Changes a tokens file. Lines that are not concerned stay as they are, bad ones and comments too.</summary>
internal static class TokensFileEditor
{
    /// <summary>Adds a client; false if the name has a token already.</summary>
    public static bool TryAdd(string path, string name, TokenHash hash) => Change(path, lines =>
    {
        if (lines.Any(line => NameOf(line) == name))
        {
            return false;
        }

        lines.Add($"{name} sha256:{hash}");
        return true;
    });

    /// <summary>Removes a client's tokens; false if there are none.</summary>
    public static bool TryRemove(string path, string name) =>
        Change(path, lines => lines.RemoveAll(line => NameOf(line) == name) > 0);

    // Latin-1 takes every byte as it is and gives it back as it was.
    private static bool Change(string path, Func<List<string>, bool> change)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var _ = new FileStream(
            path + ".lock", new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None });
        var text = File.Exists(path) ? Encoding.Latin1.GetString(File.ReadAllBytes(path)) : "";
        var lines = text.Length == 0 ? [] : text.TrimEnd('\n').Split('\n').ToList();
        var changed = change(lines);
        if (changed)
        {
            SecretFile.Replace(path, Encoding.Latin1.GetBytes(string.Concat(lines.Select(line => line + "\n"))));
        }

        return changed;
    }

    private static string? NameOf(string line) => TokensFileLine.Parse(Encoding.Latin1.GetBytes(line)).Client?.Name;
}
