namespace Instancer.Containers;

/// <summary>Intervals that rise, each by the same factor: quick for what is quick, cheap for what is slow.</summary>
internal struct PollInterval(TimeSpan first, TimeSpan longest, double factor)
{
    private TimeSpan _next = first;

    /// <summary>From 2 to 50 milliseconds, a seventh of the time waited so far: a server's start-up.</summary>
    public static PollInterval ForReadiness() => new(TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(50), 1.15);

    /// <summary>From 20 to 500 milliseconds, a seventh of the time waited so far: what the engine itself looks at once in a while.</summary>
    public static PollInterval ForHealth() => new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(500), 1.15);

    /// <summary>From 100 milliseconds to 5 seconds: something that is down.</summary>
    public static PollInterval ForReconnects() => new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), 1.5);

    public TimeSpan Next()
    {
        var interval = _next;
        var risen = interval * factor;
        _next = risen < longest ? risen : longest;
        return interval;
    }
}
