using System.Globalization;
using System.Text.RegularExpressions;

namespace Instancer.Actors.Instances;

/// <summary>
/// What the flag of an instance looks like: text in which <c>{random}</c>, <c>{random:N}</c>, <c>{name}</c> and <c>{hmac}</c> are filled in for
/// each start, and everything else, other braces included, stands for itself.
/// </summary>
public sealed partial record FlagTemplate
{
    /// <summary>The characters of <c>{random}</c> without a number.</summary>
    public const int DefaultRandom = 32;

    private const int LeastRandom = 16;
    private const int MostRandom = 128;

    private FlagTemplate(string text) => Text = text;

    /// <summary>The text as it was written.</summary>
    public string Text { get; }

    /// <summary>Whether a flag can be made before it is known whose it will be: there is no <c>{name}</c> and no <c>{hmac}</c> in it.</summary>
    public bool IsForAnybody => Place().Matches(Text).All(place => place.Groups["kind"].Value == "random");

    /// <summary>Reads a template; null, with the reason, if it is none or if its flags could be guessed.</summary>
    public static FlagTemplate? Parse(string text, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        var places = Place().Matches(text);
        var secret = places.Any(place => place.Groups["kind"].Value is "random" or "hmac");
        var length = places.All(place => !place.Groups["count"].Success || CountOf(place) is >= LeastRandom and <= MostRandom);
        error = text.Any(char.IsControl) ? "has a control character"
            : !secret ? "would be the same for many clients, or easy to guess; allowed: with {random}, {random:N} or {hmac} in it"
            : !length ? $"has a {{random:N}} out of range; allowed: N from {LeastRandom} to {MostRandom}"
            : null;
        return error is null ? new FlagTemplate(text) : null;
    }

    /// <summary>A flag.</summary>
    /// <param name="name">The client's name; empty if it has none.</param>
    /// <param name="hmac">What only this node can tell of the instance key.</param>
    /// <param name="random">So many characters by chance.</param>
    public string Fill(string name, string hmac, Func<int, string> random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Place().Replace(Text, place => place.Groups["kind"].Value switch
        {
            "name" => name,
            "hmac" => hmac,
            _ => random(place.Groups["count"].Success ? CountOf(place) : DefaultRandom),
        });
    }

    private static int CountOf(Match place) =>
        int.TryParse(place.Groups["count"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : int.MaxValue;

    [GeneratedRegex(@"\{(?<kind>random)(:(?<count>[0-9]+))?\}|\{(?<kind>name|hmac)\}", RegexOptions.ExplicitCapture)]
    private static partial Regex Place();
}
