using System.Net;
using Instancer.Gate.Options;
using Instancer.Gate.Work;
using Instancer.TestKit;

namespace Instancer.Gate.Tests.Work;

public sealed class AttackMeterTests
{
    private static readonly IPNetwork Loud = IPNetwork.Parse("203.0.113.7/32");
    private static readonly IPNetwork Quiet = IPNetwork.Parse("2001:db8:1::/64");
    private readonly VirtualTime _time = new();
    private readonly RecordingLogger _log = new();
    private readonly AttackMeter _meter;
    private WorkOptions _options = new() { Difficulty = 7, UnderAttack = 5000, AttackAt = 10, CalmAt = 5, CalmAfter = TimeSpan.FromSeconds(30) };

    public AttackMeterTests() => _meter = new AttackMeter(() => _options, _time, _log, most: 100);

    [Fact]
    public void The_difficulty_rises_for_the_block_that_attacks_and_falls_when_it_has_been_calm()
    {
        Count(Loud, 9);
        Assert.Equal(7, _meter.Difficulty(Loud));
        Count(Loud, 1);
        Assert.Equal((5000, 7), (_meter.Difficulty(Loud), _meter.Difficulty(Quiet)));

        // What was counted counts for 65 seconds here, and it has to be calm for 30 more.
        _time.Advance(TimeSpan.FromSeconds(94));
        Assert.Equal(5000, _meter.Difficulty(Loud));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, _meter.Difficulty(Loud));
        Assert.Equal(
            ["203.0.113.7/32 attacks: 10 starts and failed preambles within a minute; its proof of work is of difficulty 5000 now", "203.0.113.7/32 is calm again; its proof of work is of difficulty 7 now"],
            _log.Lines.Select(line => line.Text));
    }

    [Fact]
    public void A_block_that_goes_on_stays_where_it_is()
    {
        Count(Loud, 10);
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal(5000, _meter.Difficulty(Loud));
            Count(Loud, 1);
        }
    }

    [Fact]
    public void Without_a_difficulty_under_attack_nothing_is_counted_nor_kept()
    {
        _options = _options with { UnderAttack = 0 };
        Count(Loud, 1000);
        Assert.Equal((7, 0), (_meter.Difficulty(Loud), _meter.Blocks));
    }

    [Fact]
    public void What_the_options_say_by_now_is_asked()
    {
        Count(Loud, 10);
        _options = _options with { UnderAttack = 9000 };
        Assert.Equal(9000, _meter.Difficulty(Loud));
        _options = _options with { UnderAttack = 0, Difficulty = 3 };
        Assert.Equal(3, _meter.Difficulty(Loud));
    }

    [Fact]
    public void Blocks_without_a_place_share_one()
    {
        Count(Loud, 10);
        for (var i = 1; i < 100; i++)
        {
            _meter.Count(Block(i));
        }

        Assert.Equal(7, _meter.Difficulty(Block(1000)));
        for (var i = 0; i < 10; i++)
        {
            _meter.Count(Block(1000 + i));
        }

        // Those with a place are where they were.
        Assert.Equal((5000, 5000, 7), (_meter.Difficulty(Block(2000)), _meter.Difficulty(Loud), _meter.Difficulty(Block(1))));
        Assert.Equal(100, _meter.Blocks);
    }

    [Fact]
    public void Calm_blocks_are_forgotten_and_attacking_ones_are_not()
    {
        for (var i = 0; i < 99; i++)
        {
            _meter.Count(Block(i));
        }

        Count(Loud, 10);
        _time.Advance(TimeSpan.FromSeconds(65));
        _meter.Count(Quiet);
        Assert.Equal(2, _meter.Blocks);
        Assert.Equal(5000, _meter.Difficulty(Loud));
        _time.Advance(TimeSpan.FromHours(1));
        _meter.Count(Quiet);
        Assert.Equal(1, _meter.Blocks);
    }

    [Fact]
    public void The_most_blocks_take_no_more_than_what_is_stated()
    {
        var meter = new AttackMeter(() => _options, _time, _log);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 40_000; i++)
        {
            meter.Count(Block(i));
        }

        var bytes = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.Equal(16_384, meter.Blocks);
        Assert.InRange(bytes, 0, 6_000_000);
        GC.KeepAlive(meter);
    }

    private static IPNetwork Block(int number) => new(new IPAddress([0x20, 1, 0xd, 0xb8, 0, (byte)(number >> 16), (byte)(number >> 8), (byte)number, .. new byte[8]]), 64);

    private void Count(IPNetwork block, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _meter.Count(block);
        }
    }
}
