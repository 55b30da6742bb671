using System.Globalization;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>Ends as an operator gives them: a duration from now, a date, or a date and time, in UTC.</summary>
internal static class ExpiryText
{
    /// <summary>What is allowed, for errors.</summary>
    public const string Allowed = "a duration such as 48:00:00, or a date to come such as 2030-01-31 or 2030-01-31T18:00:00Z";

    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mm:ssZ"];

    /// <summary>The end; null if the text is not one, or is past.</summary>
    /// <param name="text">The text; null for the default.</param>
    /// <param name="otherwise">The default, from now.</param>
    /// <param name="now">Now.</param>
    public static DateTimeOffset? Read(string? text, TimeSpan otherwise, DateTimeOffset now) =>
        text is null ? now + otherwise
        : DurationText.TryParse(text, out var duration) ? now + duration
        : DateTimeOffset.TryParseExact(text, Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) && date > now ? date
        : null;
}
