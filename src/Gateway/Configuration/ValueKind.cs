using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads one kind of value from its text; false if the text is anything else.</summary>
internal delegate bool ParseValue<T>(string text, out T value);

/// <summary>One kind of value that options take.</summary>
/// <param name="Noun">What a value is called in "<c>"x" is not ...</c>".</param>
/// <param name="Allowed">What is allowed, for the same error.</param>
/// <param name="Parse">The parser.</param>
internal sealed record ValueKind<T>(string Noun, string Allowed, ParseValue<T> Parse);

/// <summary>The kinds of values that options take.</summary>
internal static class ValueKinds
{
    private const int LongestName = 64;

    // What stands for an end point that could not be read.
    private static readonly IPEndPoint Nowhere = new(IPAddress.None, 0);

    /// <summary>A duration more than zero, short enough for every timer.</summary>
    public static ValueKind<TimeSpan> Duration { get; } = new(
        "a duration", "hh:mm:ss, more than zero and at most 1000:00:00", DurationText.TryParse);

    /// <summary>An IP address to bind.</summary>
    public static ValueKind<IPAddress> Address { get; } = new(
        "an IP address", "an address to bind, such as 127.0.0.1, 0.0.0.0 or ::", TryParseAddress);

    /// <summary>An IP address and a port.</summary>
    public static ValueKind<IPEndPoint> EndPoint { get; } = new(
        "an address with a port", "IP:PORT, such as 10.0.0.1:7946 or [fd00::1]:7946", TryParseEndPoint);

    /// <summary>The name of a node.</summary>
    public static ValueKind<string> NodeName { get; } = new(
        "a node's name", "1 to 64 letters, digits, '.', '_' and '-', a letter or digit first", TryParseNodeName);

    /// <summary>A path of a file or directory.</summary>
    public static ValueKind<string> FilePath { get; } = new("a path", "a path, not empty", TryParsePath);

    /// <summary>A port that is listened on; 0 lets the system choose one.</summary>
    public static ValueKind<int> ListenPort { get; } = new("a port", "0 to 65535; 0 lets the system choose", Whole(0, 65535));

    /// <summary>A port that is given to somebody.</summary>
    public static ValueKind<int> Port { get; } = new("a port", "1 to 65535", Whole(1, 65535));

    /// <summary>Yes or no.</summary>
    public static ValueKind<bool> Flag { get; } = new("yes or no", "true, false", bool.TryParse);

    /// <summary>A whole number in a range.</summary>
    public static ValueKind<int> Count(int min, int max) => new(
        "a whole number in range", string.Create(CultureInfo.InvariantCulture, $"{min} to {max}"), Whole(min, max));

    /// <summary>A number of CPUs.</summary>
    public static ValueKind<double> Cpus { get; } = new("a number of CPUs", "0.01 to 1024, such as 0.5", TryParseCpus);

    /// <summary>A size in bytes, where a percentage is of <paramref name="hostMemory"/>.</summary>
    public static ValueKind<long> Size(long hostMemory) => new(
        "a size",
        "a number with KiB, MiB or GiB, or N% of the host's memory",
        (string text, out long bytes) => SizeText.TryParse(text, hostMemory, out bytes));

    /// <summary>The same, with a least size, and the reason for it.</summary>
    public static ValueKind<long> Size(long hostMemory, long least, string atLeast)
    {
        var size = Size(hostMemory);
        return new ValueKind<long>(
            size.Noun,
            $"{size.Allowed}, at least {atLeast}",
            (string text, out long bytes) => size.Parse(text, out bytes) && bytes >= least);
    }

    /// <summary>One of a few words.</summary>
    public static ValueKind<T> Choice<T>(string noun, params (string Word, T Value)[] choices) => new(
        noun,
        string.Join(", ", choices.Select(choice => choice.Word)),
        (string text, out T value) =>
        {
            var found = Array.FindIndex(choices, choice => choice.Word == text);
            value = found < 0 ? default! : choices[found].Value;
            return found >= 0;
        });

    private static ParseValue<int> Whole(int min, int max) => (string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;

    // Without the check for a dot or colon "1" would be the address 0.0.0.1.
    private static bool TryParseAddress(string text, out IPAddress value)
    {
        value = IPAddress.None;
        var parsed = IPAddress.TryParse(text, out var address)
            && (text.Contains(':', StringComparison.Ordinal) || text.Split('.').Length == 4);
        if (parsed)
        {
            value = address!;
        }

        return parsed;
    }

    private static bool TryParseEndPoint(string text, out IPEndPoint value)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        var parsed = TryParseAddress(host.Trim('[', ']'), out var address)
            && host.StartsWith('[') == (address.AddressFamily == AddressFamily.InterNetworkV6)
            && host.StartsWith('[') == host.EndsWith(']');
        value = parsed && Port.Parse(text[(colon + 1)..], out var port) ? new IPEndPoint(address, port) : Nowhere;
        return value != Nowhere;
    }

    private static bool TryParseNodeName(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= LongestName
            && char.IsAsciiLetterOrDigit(text[0])
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
    }

    private static bool TryParsePath(string text, out string value)
    {
        value = text;
        return !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal);
    }

    private static bool TryParseCpus(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0.01 and <= 1024;
}
