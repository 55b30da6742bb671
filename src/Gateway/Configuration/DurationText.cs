using System.Globalization;

namespace Instancer.Gateway.Configuration;

/// <summary>Durations as <c>hh:mm:ss</c>, hours beyond 23 and fractions of a second included.</summary>
internal static class DurationText
{
    /// <summary>The longest duration: .NET's timers end at 49 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1000);

    /// <summary>Reads a duration that is more than zero and at most <see cref="Longest"/>; false if the text is anything else.</summary>
    public static bool TryParse(string text, out TimeSpan value)
    {
        value = default;
        if (text.Split(':') is not [var h, { Length: 2 } m, { Length: >= 2 } s]
            || !int.TryParse(h, NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || !int.TryParse(m, NumberStyles.None, CultureInfo.InvariantCulture, out var minutes)
            || !IsSeconds(s)
            || !decimal.TryParse(s, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            || hours > 1000 || minutes > 59 || seconds >= 60)
        {
            return false;
        }

        value = TimeSpan.FromTicks((((hours * 60L) + minutes) * TimeSpan.TicksPerMinute) + (long)(seconds * TimeSpan.TicksPerSecond));
        return value > TimeSpan.Zero && value <= Longest;
    }

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public static string Format(TimeSpan value) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(long)value.TotalHours:00}:{value:mm\\:ss}{(value.Ticks % TimeSpan.TicksPerSecond == 0 ? "" : value.ToString("\\.FFFFFFF", CultureInfo.InvariantCulture))}");

    private static bool IsSeconds(string text) => text.Length == 2 || (text.Length is > 3 and <= 10 && text[2] == '.');
}
