using System.Globalization;
using Instancer.Gate.Options;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads what proof of work is asked.</summary>
internal static class WorkReader
{
    /// <summary>The option of the section for all challenges alone: how much of one CPU the checks may take.</summary>
    public const string CpuOption = "cpu";

    // A check of so many takes some tenths of a second, and a solution of them more than half an hour.
    private const int MostDifficult = 1_000_000;

    private static readonly ValueKind<int> Difficulty = ValueKinds.Count(0, MostDifficult);
    private static readonly ValueKind<int> Events = ValueKinds.Count(1, 1_000_000);

    // Together with the preamble's it has to be a time that a timer can wait for.
    private static readonly ValueKind<TimeSpan> Answer = new("a duration", "hh:mm:ss, more than zero and at most 24:00:00", (string text, out TimeSpan value) =>
        DurationText.TryParse(text, out value) && value <= TimeSpan.FromDays(1));

    private static readonly ValueKind<double> Share = new("a share of one CPU", "0.01 to 1, such as 0.25", (string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0.01 and <= 1);

    /// <summary>How much of one CPU the checks may take.</summary>
    public static double ReadCpu(SectionReader section, double fallback) => section.Value(CpuOption, fallback, Share);

    /// <summary>The options; what is not said is as in <paramref name="defaults"/>.</summary>
    public static WorkOptions Read(SectionReader section, WorkOptions defaults)
    {
        if (section.Path.StartsWith("instancer.challenges.", StringComparison.Ordinal))
        {
            section.Refuse("it is one budget for all challenges; allowed: in instancer.pow", CpuOption);
        }
        else
        {
            section.Ignore(CpuOption);
        }

        var work = new WorkOptions
        {
            Difficulty = section.Value("difficulty", defaults.Difficulty, Difficulty),
            UnderAttack = section.Value("underAttack", defaults.UnderAttack, Difficulty),
            AttackAt = section.Value("attackAt", defaults.AttackAt, Events),
            CalmAt = section.Value("calmAt", defaults.CalmAt, Events),
            CalmAfter = section.Value("calmAfter", defaults.CalmAfter, ValueKinds.Duration),
            Timeout = section.Value("timeout", defaults.Timeout, Answer),
        };
        // What is wrong with the defaults is said where they are.
        var isNew = work != defaults;
        if (isNew && work.UnderAttack > 0 && work.UnderAttack < work.Difficulty)
        {
            section.Fail("underAttack", Invariant($"{work.UnderAttack} is below {section.PathOf("difficulty")}, {work.Difficulty}; allowed: at least as much, or 0"));
        }

        if (isNew && work.CalmAt > work.AttackAt)
        {
            section.Fail("calmAt", Invariant($"{work.CalmAt} is above {section.PathOf("attackAt")}, {work.AttackAt}; allowed: at most as much"));
        }

        section.Finish();
        return work;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
