using System.Security.Cryptography;

namespace Instancer.Cluster.Forwarding;

/// <summary>What every node of a cluster knows and nobody else does. It signs what nodes say to each other, and is never shown.</summary>
public sealed class ClusterSecret
{
    /// <summary>How many bytes a secret has at least.</summary>
    public const int ShortestLength = 32;

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

    /// <summary>A fresh HMAC-SHA-256 under the secret.</summary>
    internal IncrementalHash CreateHmac() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
}
