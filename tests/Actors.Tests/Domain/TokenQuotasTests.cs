using Instancer.Actors.Registry;

namespace Instancer.Actors.Tests.Domain;

public sealed class TokenQuotasTests
{
    private readonly TokenQuotas _quotas = new();

    [Theory]
    [InlineData(0, 0, 0, nameof(QuotaVerdict.Free))]
    [InlineData(1, 0, 0, nameof(QuotaVerdict.Free))]
    [InlineData(2, 0, 0, nameof(QuotaVerdict.TooManyInstances))]
    [InlineData(1, 0, 1, nameof(QuotaVerdict.TooManyInstances))]
    [InlineData(0, 0, 2, nameof(QuotaVerdict.TooManyInstances))]
    [InlineData(1, 1, 0, nameof(QuotaVerdict.Wait))]
    [InlineData(0, 1, 1, nameof(QuotaVerdict.Wait))]
    [InlineData(1, 1, 1, nameof(QuotaVerdict.TooManyInstances))]
    [InlineData(0, 5, 0, nameof(QuotaVerdict.Wait))]
    public void Who_has_two_is_refused_a_third_and_waits_for_what_is_on_its_way_out(int staying, int going, int queued, string verdict)
        => Assert.Equal(verdict, $"{TokenQuotas.Judge(new ChallengeLimits { InstancesPerToken = 2 }, new TokenUse(staying, going, queued, 0))}");

    [Theory]
    [InlineData(1, 0, 0, nameof(QuotaVerdict.Free))]
    [InlineData(2, 0, 0, nameof(QuotaVerdict.OldestGoes))]
    [InlineData(2, 1, 0, nameof(QuotaVerdict.OldestGoes))]
    [InlineData(1, 1, 0, nameof(QuotaVerdict.Wait))]
    [InlineData(0, 0, 7, nameof(QuotaVerdict.Wait))]
    public void Where_the_oldest_goes_nobody_is_refused(int staying, int going, int queued, string verdict)
    {
        var limits = new ChallengeLimits { InstancesPerToken = 2, WhenTokenFull = TokenFullAction.OldestGoes };
        Assert.Equal(verdict, $"{TokenQuotas.Judge(limits, new TokenUse(staying, going, queued, 0))}");
    }

    [Theory]
    [InlineData(0, 2, nameof(QuotaVerdict.Free))]
    [InlineData(0, 3, nameof(QuotaVerdict.TooManyStarts))]
    [InlineData(1, 2, nameof(QuotaVerdict.TooManyStarts))]
    public void Starts_that_wait_count_with_those_that_began(int queued, int recent, string verdict)
        => Assert.Equal(verdict, $"{TokenQuotas.Judge(new ChallengeLimits { StartsPerMinute = 3 }, new TokenUse(0, 0, queued, recent))}");

    [Fact]
    public void Without_limits_anything_may_be()
        => Assert.Equal(QuotaVerdict.Free, TokenQuotas.Judge(ChallengeLimits.None, new TokenUse(1000, 1000, 1000, 1000)));

    [Fact]
    public void A_start_counts_for_a_minute_to_the_tick()
    {
        Note("ann", 0);
        Note("ann", 30);
        Note("bob", 31);
        Assert.Equal((2, 1), (Recent("ann", 59.9), Recent("bob", 59.9)));
        Assert.Equal(1, Recent("ann", 60));
        Assert.Equal(0, Recent("ann", 90));
    }

    [Fact]
    public void One_challenge_s_starts_are_not_another_s()
    {
        _quotas.NoteStart(Keys.Of("ann", 1, "other"), TimeSpan.Zero);
        Assert.Equal(0, Recent("ann", 1));
    }

    [Fact]
    public void What_was_no_start_is_forgiven_once()
    {
        Note("ann", 0);
        Note("ann", 1);
        _quotas.Forgive(Keys.Of("ann", 1));
        Assert.Equal(1, Recent("ann", 2));
        _quotas.Forgive(Keys.Of("ann", 2));
        Assert.Equal(1, Recent("ann", 2));
        Assert.Equal(1, Recent("ann", 59));
        Assert.Equal(0, Recent("ann", 60));
    }

    [Fact]
    public void Calm_tokens_are_forgotten()
    {
        for (var i = 0; i < 1000; i++)
        {
            Note($"client-{i}", i);
        }

        Assert.Equal(60, _quotas.Count);
        Assert.Equal(0, Recent("ann", 2000));
        Assert.Equal(0, _quotas.Count);
    }

    private void Note(string token, double at) => _quotas.NoteStart(Keys.Of(token, 1), TimeSpan.FromSeconds(at));

    private int Recent(string token, double at) => _quotas.RecentStarts(Keys.Challenge, Keys.Token(token), TimeSpan.FromSeconds(at));
}
