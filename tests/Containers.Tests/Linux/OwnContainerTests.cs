using System.Globalization;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Tests.Linux;

public sealed class OwnContainerTests
{
    private const string Id = "53e1032db307bcc1155b9b662d7edd35b569ed426eb2f84b8090640c2ef69280";
    private const string Other = "cff24f14f755272e796a228bf50e954b7c9d73843f332d22c6bc85741b4b426c";

    [Fact]
    public void The_id_is_in_what_the_engine_mounts()
    {
        Assert.Equal(Id, OwnContainer.IdIn(
            $"""
            1519 1497 0:71 / / rw,relatime master:551 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/{Other}
            1534 1519 254:0 /var/lib/docker/containers/{Id}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda rw
            1535 1519 254:0 /var/lib/docker/containers/{Id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw
            1536 1519 254:0 /var/lib/docker/containers/{Id}/hosts /etc/hosts rw,relatime - ext4 /dev/vda rw
            """));
    }

    [Fact]
    public void Podman_names_the_directory_the_same_way() => Assert.Equal(Id, OwnContainer.IdIn(
        $"703 689 0:24 /containers/storage/overlay-containers/{Id}/userdata/hosts /etc/hosts rw,nosuid - tmpfs tmpfs rw"));

    [Fact]
    public void What_the_operator_mounts_is_no_evidence() => Assert.Null(OwnContainer.IdIn(
        $"1534 1519 254:0 /var/lib/docker/containers/{Id}/config.json /data rw,relatime - ext4 /dev/vda rw"));

    [Fact]
    public void Two_ids_are_none() => Assert.Null(OwnContainer.IdIn(
        $"""
        1535 1519 254:0 /var/lib/docker/containers/{Id}/hostname /etc/hostname rw,relatime - ext4 /dev/vda rw
        1536 1519 254:0 /var/lib/docker/containers/{Other}/hosts /etc/hosts rw,relatime - ext4 /dev/vda rw
        """));

    [Theory]
    [InlineData("")]
    [InlineData("22 1 254:0 / / rw - ext4 /dev/vda rw")]
    [InlineData("22 1 254:0 /pod/53e1032db307/hosts /etc/hosts rw - ext4 /dev/vda rw")]
    [InlineData("not a table at all")]
    public void On_a_host_there_is_none(string mountInfo) => Assert.Null(OwnContainer.IdIn(mountInfo));

    [Fact]
    public void A_process_is_in_its_own_container_and_a_number_that_nobody_has_is_in_none()
    {
        if (OperatingSystem.IsLinux())
        {
            Assert.True(OwnContainer.Has(Environment.ProcessId));
            Assert.False(OwnContainer.Has(0));
            Assert.False(OwnContainer.Has(int.Parse(File.ReadAllText("/proc/sys/kernel/pid_max"), CultureInfo.InvariantCulture) + 1));
        }
    }
}
