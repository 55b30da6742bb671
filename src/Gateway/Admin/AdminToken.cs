using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Instancer.Gate.Files;

namespace Instancer.Gateway.Admin;

/// <summary>The bearer token of the admin endpoint, in a file that only its owner may read.</summary>
internal sealed class AdminToken
{
    private const int RandomBytes = 32;

    private readonly byte[] _hash;

    private AdminToken(string token)
    {
        _hash = Hash(token);
    }

    /// <summary>Reads the token, or makes one if there is no file or an empty one.</summary>
    /// <exception cref="IOException">The file can be neither read nor made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static AdminToken ReadOrMake(string path)
    {
        var token = Read(path);
        if (token is null)
        {
            token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
            SecretFile.Replace(path, Encoding.ASCII.GetBytes(token + "\n"));
        }

        return new AdminToken(token);
    }

    /// <summary>The token in a file; null if there is no file or an empty one.</summary>
    public static string? Read(string path) =>
        File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;

    /// <summary>Whether a header <c>Authorization</c> carries the token; takes the same time wherever they differ.</summary>
    public bool IsIn(string? authorization)
    {
        const string Scheme = "Bearer ";
        var given = authorization?.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) == true ? authorization[Scheme.Length..] : "";
        return CryptographicOperations.FixedTimeEquals(Hash(given.Trim()), _hash);
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
