using System.Net;
using Instancer.Actors;
using Instancer.Containers.Docker;

namespace Instancer.Containers.Tests.Docker;

public sealed class ContainerLabelsTests
{
    private static ContainerLabels Labels(ContainerAddress address) => new(
        "node-1",
        new InstanceKey("pwn", TokenHash.Of("token"u8), 513),
        new DateTimeOffset(2026, 11, 22, 1, 2, 3, 456, TimeSpan.Zero),
        "spec",
        address);

    [Fact]
    public void What_is_written_is_read_back()
    {
        ContainerAddress[] addresses =
        [
            new ContainerAddress.Namespace(1337),
            new ContainerAddress.Bridge(1337),
            new ContainerAddress.Joined(1337, "instancer-node-1-slot-2"),
            new ContainerAddress.Published(1337, new IPEndPoint(IPAddress.Loopback, 20001)),
            new ContainerAddress.Published(1337, new IPEndPoint(IPAddress.IPv6Loopback, 20001)),
        ];
        foreach (var address in addresses)
        {
            Assert.True(ContainerLabels.TryParse(Labels(address).ToMap(), out var read));
            Assert.Equal(Labels(address), read);
        }
    }

    [Fact]
    public void A_group_and_its_member_are_read_back_and_a_member_without_a_group_is_none()
    {
        var companion = Labels(new ContainerAddress.Bridge(1)) with { Group = "g", Member = "db", Companions = ["cache-1", "db"] };
        var map = companion.ToMap();
        Assert.True(ContainerLabels.TryParse(map, out var read));
        Assert.Equal(("g", "db"), (read.Group, read.Member));
        Assert.Equal(companion.Companions, read.Companions);
        Assert.Equal(("g", "db"), (ContainerLabels.GroupOf(map), ContainerLabels.MemberOf(map)));

        map.Remove("instancer.group");
        Assert.Null(ContainerLabels.MemberOf(map));
        Assert.Null(ContainerLabels.MemberOf(null));
    }

    [Fact]
    public void Each_label_counts()
    {
        var whole = Labels(new ContainerAddress.Bridge(1)).ToMap();
        Assert.Equal(7, whole.Count);
        foreach (var label in whole.Keys)
        {
            var map = new Dictionary<string, string>(whole);
            map.Remove(label);
            Assert.False(ContainerLabels.TryParse(map, out _), label);
        }

        Assert.False(ContainerLabels.TryParse(null, out _));
    }

    [Theory]
    [InlineData("instancer.token", "abc")]
    [InlineData("instancer.identifier", "65536")]
    [InlineData("instancer.identifier", "-1")]
    [InlineData("instancer.created", "yesterday")]
    [InlineData("instancer.challenge", "")]
    [InlineData("instancer.address", "bridge")]
    [InlineData("instancer.address", "bridge/0")]
    [InlineData("instancer.address", "namespace/0")]
    [InlineData("instancer.address", "bridge/70000")]
    [InlineData("instancer.address", "joined/1337")]
    [InlineData("instancer.address", "joined/1337/")]
    [InlineData("instancer.address", "published/1/nowhere")]
    [InlineData("instancer.address", "carrier-pigeon/1")]
    public void A_label_that_makes_no_sense_is_refused(string label, string value)
    {
        var map = Labels(new ContainerAddress.Bridge(1)).ToMap();
        map[label] = value;
        Assert.False(ContainerLabels.TryParse(map, out _));
    }
}
