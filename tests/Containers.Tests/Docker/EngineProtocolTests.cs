using System.Net;
using System.Text;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Tests.Docker;

public sealed class EngineProtocolTests
{
    [Theory]
    [InlineData("1.41", "1.41")]
    [InlineData("1.44", "1.44")]
    [InlineData("1.52", "1.52")]
    [InlineData("1.99", "1.52")]
    [InlineData("2.0", "1.52")]
    [InlineData("1.40", null)]
    [InlineData("0.99", null)]
    public void The_engines_own_version_is_spoken_as_far_as_it_is_known(string offered, string? spoken)
    {
        Assert.True(ApiVersion.TryParse(offered, out var version));
        Assert.Equal(spoken, ApiVersion.Negotiate(version)?.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.x")]
    [InlineData("1.41.0")]
    [InlineData("-1.41")]
    public void What_is_no_version_is_refused(string? text) => Assert.False(ApiVersion.TryParse(text, out _));

    // Messages as engines 20.10, 24 and 28 and podman 4.3 give them.
    [Theory]
    [InlineData(404, "No such image: instancer/sample:latest", StartFailure.Rejected, "image instancer/sample is not on the engine")]
    [InlineData(500, "driver failed programming external connectivity on endpoint x (y): Bind for 127.0.0.1:20001 failed: port is already allocated", StartFailure.PortTaken, null)]
    [InlineData(500, "driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:20001: bind: address already in use", StartFailure.PortTaken, null)]
    [InlineData(500, "failed to bind host port for 127.0.0.1:20001:172.18.0.2:1337/tcp: address already in use", StartFailure.PortTaken, null)]
    [InlineData(500, "rootlessport listen tcp 127.0.0.1:20001: bind: address already in use", StartFailure.PortTaken, null)]
    [InlineData(500, "no available IPv4 addresses on this network's address pools: instancer-node-1 (0123abc)", StartFailure.Rejected, "the engine's network has no room for one more container; address \"namespace\" takes none of it, or lower maxInstances: no available IPv4 addresses on this network's address pools: instancer-node-1 (0123abc)")]
    [InlineData(500, "failed to create endpoint x on network instancer-node-1: adding interface veth1 to bridge br-1 failed: exchange full", StartFailure.Rejected, "the engine's network has no room for one more container; address \"namespace\" takes none of it, or lower maxInstances: failed to create endpoint x on network instancer-node-1: adding interface veth1 to bridge br-1 failed: exchange full")]
    [InlineData(400, "Minimum memory limit allowed is 6MB", StartFailure.Rejected, "Minimum memory limit allowed is 6MB")]
    [InlineData(503, "the engine is shutting down", StartFailure.Unavailable, "the engine is shutting down")]
    [InlineData(null, "cannot reach the Docker engine", StartFailure.Unavailable, "cannot reach the Docker engine")]
    public void What_the_engine_says_has_a_meaning_for_the_start(int? status, string message, StartFailure failure, string? reason)
    {
        var template = new DockerTemplate { Image = "instancer/sample", ContainerPort = 1337 };
        var failed = StartFailures.Of(new EngineError((HttpStatusCode?)status, message), template);
        Assert.Equal(new StartOutcome.Failed(failure, reason ?? message), failed);
    }

    [Theory]
    [InlineData(0, false, "exited with status 0")]
    [InlineData(3, false, "exited with status 3")]
    [InlineData(128, false, "exited with status 128")]
    [InlineData(137, false, "killed by signal 9 (from outside, or out of memory)")]
    [InlineData(143, false, "killed by signal 15")]
    [InlineData(255, false, "exited with status 255")]
    [InlineData(137, true, "killed by signal 9 (out of memory)")]
    [InlineData(1, true, "exited with status 1 (out of memory)")]
    [InlineData(0, true, "exited with status 0")]
    public void A_status_tells_how_a_container_ended(int status, bool outOfMemory, string reason) => Assert.Equal(reason, ContainerExits.ExitOf(status, outOfMemory).Reason);

    [Fact]
    public void Output_is_read_out_of_its_frames()
    {
        byte[] framed = [2, 0, 0, 0, 0, 0, 0, 8, .. "one\ntwo\n"u8, 1, 0, 0, 0, 0, 0, 0, 6, .. "three\n"u8];
        Assert.Equal("two", LogStream.LastLine(framed));
        Assert.Equal("three", LogStream.LastLine(framed.AsSpan(16)));
        Assert.Equal("raw text", LogStream.LastLine("a terminal's\r\nraw text\r\n"u8));
        byte[] cutOff = [1, 0, 0, 0, 0, 0, 1, 0, .. "cut"u8];
        Assert.Equal("cut", LogStream.LastLine(cutOff));
        Assert.Equal("", LogStream.LastLine([]));
    }

    [Fact]
    public void What_others_wrote_becomes_one_bounded_line()
    {
        Assert.Equal("a b c", OneLine.Of(" a\r\nb\t\u001b\u0000c \n"));
        Assert.Equal("two", OneLine.Last("one\ntwo\n\n \u001b\n"));
        Assert.Equal("", OneLine.Last(""));
        Assert.Equal(OneLine.MaxLength + 1, OneLine.Of(new string('x', 100_000)).Length);
        Assert.True(Encoding.UTF8.GetByteCount(OneLine.Last(new string('\n', 100_000))) == 0);
    }

    [Fact]
    public void A_digest_depends_on_all_that_shapes_a_container_and_on_nothing_else()
    {
        var template = new DockerTemplate { Image = "i", ContainerPort = 1, Environment = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" } };
        DockerTemplate[] others =
        [
            template with { Image = "j" },
            template with { ContainerPort = 2 },
            template with { Address = DockerAddress.Published },
            template with { Address = DockerAddress.Namespace },
            template with { Egress = true },
            template with { Memory = 1 },
            template with { Cpus = 2 },
            template with { Pids = 1 },
            template with { Hardening = new() { ReadOnly = false } },
            template with { Hardening = new() { Tmpfs = null } },
            template with { Hardening = new() { Tmpfs = 4096 } },
            template with { Hardening = new() { Capabilities = ["CHOWN"] } },
            template with { Hardening = new() { Capabilities = ["CHOWN", "NET_RAW"] } },
            template with { Hardening = new() { NoNewPrivileges = false } },
            template with { Hardening = new() { Seccomp = SeccompProfile.Unconfined } },
            template with { Hardening = new() { Seccomp = new("file", "{}") } },
            template with { Hardening = new() { OpenFiles = null } },
            template with { Hardening = new() { User = "root" } },
            template with { Hardening = new() { Init = false } },
            template with { Hardening = new() { ContainerRuntime = "runsc" } },
            template with { Environment = new Dictionary<string, string> { ["a"] = "1", ["b"] = "3" } },
            template with { Command = [] },
            template with { Command = ["a b"] },
            template with { Command = ["a", "b"] },
        ];
        Assert.Equal(others.Length + 1, others.Append(template).Select(one => one.SpecHash).Distinct().Count());
        var reordered = template with { Environment = new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" } };
        Assert.Equal(template.SpecHash, reordered.SpecHash);
        Assert.Matches("^[0-9a-f]{64}$", template.SpecHash);
    }
}
