using System.Diagnostics;

namespace Instancer.TestKit.Net;

/// <summary>Waits for a condition that nothing announces, with a deadline.</summary>
public static class Eventually
{
    /// <summary>Looks at <paramref name="condition"/> until it holds.</summary>
    /// <param name="condition">What is awaited.</param>
    /// <param name="what">What it is, for the failure's message.</param>
    /// <exception cref="TimeoutException">It never held.</exception>
    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string)"/>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !await condition();)
        {
            if (watch.Elapsed > RawSocket.Deadline)
            {
                throw new TimeoutException($"Never happened within {RawSocket.Deadline}: {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }
}
