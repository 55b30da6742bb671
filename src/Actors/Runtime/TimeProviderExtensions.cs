namespace Instancer.Actors.Runtime;

internal static class TimeProviderExtensions
{
    /// <summary>The time on the monotonic clock: for waits and ages, which a step of the wall clock must neither stretch nor cut.</summary>
    public static TimeSpan Uptime(this TimeProvider time) => time.GetElapsedTime(0);
}
