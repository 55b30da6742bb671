using System.Globalization;

namespace Instancer.Gateway.Configuration;

/// <summary>Sizes: a number with <c>KiB</c>, <c>MiB</c> or <c>GiB</c>, or with <c>%</c> of the host's memory.</summary>
internal static class SizeText
{
    private static readonly (string Suffix, long Bytes)[] Units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30)];

    /// <summary>Reads a size as bytes; false if the text is anything else.</summary>
    public static bool TryParse(string text, long hostMemory, out long bytes)
    {
        bytes = 0;
        if (text.EndsWith('%'))
        {
            var isPercentage = TryParseNumber(text[..^1], out var percentage) && percentage <= 100;
            bytes = isPercentage ? (long)(hostMemory / 100m * percentage) : 0;
            return isPercentage;
        }

        foreach (var (suffix, unit) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal)
                && TryParseNumber(text[..^suffix.Length], out var number)
                && number <= long.MaxValue / unit)
            {
                bytes = (long)(number * unit);
                return true;
            }
        }

        return false;
    }

    private static bool TryParseNumber(string text, out decimal number) =>
        decimal.TryParse(
            text.TrimEnd(' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number);
}
