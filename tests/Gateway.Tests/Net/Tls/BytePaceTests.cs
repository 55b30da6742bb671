using Instancer.Gateway.Net.Tls;
using Instancer.TestKit;

namespace Instancer.Gateway.Tests.Net.Tls;

public sealed class BytePaceTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public void After_a_calm_a_quarter_of_a_second_passes_at_once_and_then_as_many_as_are_allowed()
    {
        var pace = new BytePace(1000, _time);
        Assert.Equal(250, pace.LargestShare);
        Assert.True(pace.PassAsync(250, default).IsCompletedSuccessfully);

        var next = pace.PassAsync(100, default);
        _time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(next is { IsCompletedSuccessfully: true, Result: true });

        _time.Advance(TimeSpan.FromHours(1));
        Assert.True(pace.PassAsync(250, default).IsCompletedSuccessfully);
        Assert.False(pace.PassAsync(1, default).IsCompleted);
    }

    [Fact]
    public async Task A_session_that_is_over_waits_for_nothing()
    {
        using var over = new CancellationTokenSource();
        var pace = new BytePace(1, _time);
        var waiting = pace.PassAsync(1000, over.Token);
        Assert.False(waiting.IsCompleted);

        await over.CancelAsync();

        Assert.False(await waiting);
    }
}
