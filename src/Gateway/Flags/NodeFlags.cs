using System.Security.Cryptography;
using System.Text;
using Instancer.Actors.Instances;
using Instancer.Gate.Files;
using Instancer.Gateway.Configuration;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Flags;

/// <summary>What a node needs for its flags, in its state directory: the ledger in <c>flags</c>, the key of <c>{hmac}</c> in <c>flag-secret</c>.</summary>
internal sealed class NodeFlags : IDisposable
{
    private const string LedgerFile = "flags";
    private const string SecretName = "flag-secret";
    private const int SecretBytes = 32;

    private readonly FlagLedger _ledger;
    private readonly byte[] _secret;

    private NodeFlags(FlagLedger ledger, byte[] secret) => (_ledger, _secret) = (ledger, secret);

    /// <summary>Null if no challenge has a flag and none ever had.</summary>
    /// <exception cref="IOException">A file can be neither read nor made.</exception>
    /// <exception cref="UnauthorizedAccessException">The same.</exception>
    public static NodeFlags? Open(NodeConfiguration configuration, ILoggerFactory loggers)
    {
        var directory = configuration.Settings.StateDirectory;
        var path = Path.Combine(directory, LedgerFile);
        return configuration.Node.Challenges.Any(challenge => challenge.Template.Flag is not null) || File.Exists(path)
            ? new NodeFlags(FlagLedger.Open(path, loggers.CreateLogger<FlagLedger>()), Secret(Path.Combine(directory, SecretName)))
            : null;
    }

    /// <summary>The runtime, with flags for what it starts.</summary>
    public IInstanceRuntime Around(IInstanceRuntime runtime, TimeProvider time) => new FlaggingRuntime(runtime, _ledger, _secret, time);

    /// <summary>To whom a flag was given; null if to nobody.</summary>
    public FlagRecord? Find(string flag) => _ledger.Find(flag);

    public void Dispose() => _ledger.Dispose();

    private static byte[] Secret(string path)
    {
        if (!File.Exists(path))
        {
            SecretFile.Replace(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n"));
        }

        return Encoding.ASCII.GetBytes(File.ReadAllText(path).Trim()) is { Length: > 0 } secret
            ? secret
            : throw new IOException($"{path} is empty; remove it, and another one is made");
    }
}
