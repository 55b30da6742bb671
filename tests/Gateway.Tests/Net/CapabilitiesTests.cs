using Instancer.Gateway.Net.Linux;

namespace Instancer.Gateway.Tests.Net;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("Name:\tinstancer\nCapPrm:\t0000000000000000\nCapEff:\t0000000000280000\n", true)]
    [InlineData("CapEff:\t000001ffffffffff\nCapBnd:\t0000000000000000\n", true)]
    [InlineData("CapPrm:\t0000000000080000\nCapEff:\t0000000000200000\n", false)]
    [InlineData("CapEff:\tnothing\n", false)]
    [InlineData("", false)]
    public void The_mask_of_what_counts_is_read(string status, bool has) => Assert.Equal(has, Capabilities.Have(status, Capabilities.Ptrace));
}
