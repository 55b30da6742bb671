using System.Runtime.CompilerServices;

namespace Instancer.TestKit.Docker;

/// <summary>Waits for what the outside world does: a stated condition, with a deadline.</summary>
public static class Until
{
    /// <summary>Long enough for a busy machine.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>Ends when <paramref name="condition"/> holds; fails when it does not within <see cref="Deadline"/>.</summary>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string stated = "")
    {
        var longest = deadline ?? Deadline;
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(started) > longest)
            {
                throw new TimeoutException($"Not within {longest.TotalSeconds} s: {stated}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    public static Task TrueAsync(
        Func<bool> condition, TimeSpan? deadline = null, [CallerArgumentExpression(nameof(condition))] string stated = "") =>
        TrueAsync(() => Task.FromResult(condition()), deadline, stated);
}
