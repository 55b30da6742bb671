using System.Globalization;
using Instancer.Actors;

namespace Instancer.Gateway.Flags;

/// <summary>To whom a flag was given.</summary>
/// <param name="Key">The instance's key; of a spare that nobody has taken, its stand-in's.</param>
/// <param name="Client">The client's name; null if the challenge asks for no token, and for a spare.</param>
/// <param name="IssuedAt">When, in UTC.</param>
internal sealed record FlagRecord(InstanceKey Key, string? Client, DateTimeOffset IssuedAt)
{
    private const string Nobody = "-";

    /// <summary>As a line of the file: <c>HASH KEY CLIENT TIME</c>.</summary>
    public string ToLine(string hash) =>
        string.Create(CultureInfo.InvariantCulture, $"{hash} {Key} {Client ?? Nobody} {IssuedAt.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

    /// <summary>Reads what <see cref="ToLine"/> writes; null if it is anything else.</summary>
    public static (string Hash, FlagRecord Record)? Parse(string line)
    {
        const DateTimeStyles Universal = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return line.Split(' ') is [{ Length: FlagLedger.HashLength } hash, var keyText, var client, var time]
            && InstanceKey.TryParse(keyText, out var key)
            && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, Universal, out var issuedAt)
                ? (hash, new FlagRecord(key, client == Nobody ? null : client, issuedAt))
                : null;
    }
}
