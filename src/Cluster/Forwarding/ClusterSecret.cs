using System.Security.Cryptography;

namespace Instancer.Cluster.Forwarding;

/// <summary>What every node of a cluster knows and nobody else does. It signs what nodes say to each other, and is never shown.</summary>
public sealed class ClusterSecret
{
    /// <summary>How many bytes a secret has at least.</summary>
    public const int ShortestLength = 32;

    private const int LongestFile = 64 * 1024;

    private readonly byte[] _key;

    /// <param name="key">The secret.</param>
    /// <exception cref="ArgumentException">It is shorter than <see cref="ShortestLength"/> bytes.</exception>
    public ClusterSecret(ReadOnlySpan<byte> key)
    {
        if (key.Length < ShortestLength)
        {
            throw new ArgumentException($"A secret has at least {ShortestLength} bytes.", nameof(key));
        }

        _key = key.ToArray();
    }

    /// <summary>
    /// Reads the secret from a file: all of it but the white space at both ends, as an editor or <c>base64</c> leaves it. A secret, or why there is none: one line that says how to make one.
    /// </summary>
    /// <param name="path">The option <c>secretFile</c>.</param>
    public static (ClusterSecret? Secret, string? Error) Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            var contents = new byte[LongestFile + 1];
            var length = file.ReadAtLeast(contents, contents.Length, throwOnEndOfStream: false);
            return length > LongestFile ? (null, Error(path, $"has more than {LongestFile} bytes")) : Of(path, contents.AsSpan(0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return (null, Error(path, e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "does not exist",
                UnauthorizedAccessException => "cannot be read: this user may not, or it is a directory",
                _ => $"cannot be read: {e.Message.ReplaceLineEndings(" ")}",
            }));
        }
    }

    /// <summary>A fresh HMAC-SHA-256 under the secret.</summary>
    internal IncrementalHash CreateHmac() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);

    private static (ClusterSecret? Secret, string? Error) Of(string path, ReadOnlySpan<byte> contents)
    {
        var key = contents.Trim(" \t\r\n"u8);
        return key.Length switch
        {
            0 => (null, Error(path, "is empty")),
            < ShortestLength => (null, Error(path, $"has {key.Length} bytes, and a secret {ShortestLength} or more")),
            _ => (new ClusterSecret(key), null),
        };
    }

    private static string Error(string path, string problem) =>
        $"The cluster's secret: {path} {problem}. Make one with: head -c {ShortestLength} /dev/urandom | base64 > {path}; every node of the cluster needs the same.";
}
