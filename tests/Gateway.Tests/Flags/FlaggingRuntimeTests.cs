using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Gateway.Flags;
using Instancer.TestKit;
using Instancer.TestKit.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Flags;

/// <summary>No backend has a flag that is not noted.</summary>
public sealed class FlaggingRuntimeTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-flags-");
    private readonly ScriptedRuntime _runtime = new(TimeProvider.System);
    private readonly FlagLedger _ledger;
    private readonly FlaggingRuntime _flagging;
    private readonly ScriptedTemplate _template = new() { Flag = FlagTemplate.Parse("FLAG{{random}}", out _) };
    private readonly InstanceKey _stand = new("pwn", TokenHash.Random(), 0);
    private readonly InstanceKey _key = new("pwn", TokenHash.Random(), 7);

    public FlaggingRuntimeTests()
    {
        _ledger = FlagLedger.Open(Path.Combine(_directory.FullName, "flags"), NullLogger<FlagLedger>.Instance);
        _flagging = new FlaggingRuntime(_runtime, _ledger, [1, 2, 3], TimeProvider.System);
    }

    [Fact]
    public async Task A_flag_is_noted_before_the_backend_can_have_it()
    {
        _runtime.HoldsStarts = true;
        var starting = _flagging.StartAsync(new StartRequest(_key, _template, null) { Client = "ann" }, CancellationToken.None);
        await Until.TrueAsync(() => Task.FromResult(_runtime.Held == 1));
        Assert.Equal((_key, "ann"), Noted());
        _runtime.AnswerOne();
        Assert.IsType<StartOutcome.Started>(await starting);
    }

    [Fact]
    public async Task A_spares_flag_is_its_stand_ins_until_it_is_taken()
    {
        var spare = Assert.IsType<StartOutcome.Started>(
            await _flagging.StartAsync(new StartRequest(_stand, _template, null) { IsSpare = true }, CancellationToken.None)).Backend;
        Assert.Equal((_stand, null), Noted());
        Assert.IsType<TakeOutcome.Taken>(
            await _flagging.TakeAsync(new TakeRequest(_key, _template, _stand, spare) { Client = "ann" }, CancellationToken.None));
        Assert.Equal((_key, "ann"), Noted());
    }

    public void Dispose()
    {
        _ledger.Dispose();
        _directory.Delete(recursive: true);
    }

    private (InstanceKey Key, string? Client) Noted()
    {
        var record = _ledger.Find(_runtime.LastFlag!)!;
        return (record.Key, record.Client);
    }
}
