using Instancer.Actors;
using Instancer.Gateway.Flags;
using Instancer.Gateway.Tests.Tokens;
using Microsoft.Extensions.Logging.Abstractions;

namespace Instancer.Gateway.Tests.Flags;

public sealed class FlagLedgerTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("instancer-flags-");

    private string File => Path.Combine(_directory.FullName, "var", "flags");

    [Fact]
    public void What_was_noted_is_known_after_a_restart_and_no_flag_is_in_the_file()
    {
        var record = new FlagRecord(new InstanceKey("pwn", TokenHash.Random(), 7), "ann", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
        var nobody = record with { Client = null };
        using (var ledger = Open())
        {
            ledger.Add("FLAG{one}", record);
            ledger.Add("FLAG{two}", nobody);
            Assert.Equal(record, ledger.Find("FLAG{one}"));
        }

        Assert.DoesNotContain("FLAG", System.IO.File.ReadAllText(File), StringComparison.Ordinal);
        using var again = Open();
        Assert.Equal(record, again.Find("FLAG{one}"));
        Assert.Equal(nobody, again.Find("FLAG{two}"));
        Assert.Null(again.Find("FLAG{three}"));
    }

    [Fact]
    public void A_line_that_was_cut_off_is_reported_by_its_number_and_the_next_is_a_line_of_its_own()
    {
        var record = new FlagRecord(new InstanceKey("pwn", TokenHash.Random(), 7), "ann", DateTimeOffset.UnixEpoch);
        using (var ledger = Open())
        {
            ledger.Add("FLAG{one}", record);
        }

        System.IO.File.AppendAllText(File, "0123456789abc");
        var logger = new RecordingLogger<FlagLedger>();
        using (var ledger = FlagLedger.Open(File, logger))
        {
            ledger.Add("FLAG{two}", record);
        }

        Assert.Contains(logger.Lines, line => line.Contains($"{File}:2: not a line about a flag", StringComparison.Ordinal));
        using var again = Open();
        Assert.Equal((record, record), (again.Find("FLAG{one}"), again.Find("FLAG{two}")));
    }

    [Fact]
    public void Two_nodes_cannot_share_it()
    {
        using var ledger = Open();
        Assert.Throws<IOException>(Open);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private FlagLedger Open() => FlagLedger.Open(File, NullLogger<FlagLedger>.Instance);
}
