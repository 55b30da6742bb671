using Instancer.Actors.Reaping;
using Instancer.Gateway.Hosting;

namespace Instancer.Gateway.Tests.Hosting;

public sealed class HostMemoryProbeTests : IDisposable
{
    private const string MemInfo = "MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    600 kB\n";

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("instancer-memory-");

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void Without_a_limit_it_is_what_the_kernel_says()
    {
        Write("proc/meminfo", MemInfo);
        Write("proc/self/cgroup", "0::/a/b\n");
        Write("sys/fs/cgroup/a/b/memory.max", "max\n");
        Write("sys/fs/cgroup/a/b/memory.current", "5\n");
        Assert.Equal(new MemoryReading(600 * 1024, 1000 * 1024), Read());
    }

    [Fact]
    public void A_v2_limit_of_any_level_counts_and_unused_file_pages_count_as_available()
    {
        Write("proc/meminfo", MemInfo);
        Write("proc/self/cgroup", "0::/a/b\n");
        Write("sys/fs/cgroup/a/b/memory.max", "500000\n");
        Write("sys/fs/cgroup/a/b/memory.current", "100000\n");
        Write("sys/fs/cgroup/a/memory.max", "400000\n");
        Write("sys/fs/cgroup/a/memory.current", "350000\n");
        Write("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 50000\nactive_file 9\n");
        Assert.Equal(new MemoryReading(100000, 400000), Read());
    }

    [Fact]
    public void A_v1_limit_counts_and_its_no_limit_is_none()
    {
        Write("proc/meminfo", MemInfo);
        Write("proc/self/cgroup", "12:cpu,cpuacct:/x\n7:memory:/docker/abc\n0::/x\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "9223372036854771712\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "7\n");
        Assert.Equal(new MemoryReading(600 * 1024, 1000 * 1024), Read());
        Write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "300000\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "290000\n");
        Write("sys/fs/cgroup/memory/docker/abc/memory.stat", "inactive_file 1\ntotal_inactive_file 15000\n");
        Assert.Equal(new MemoryReading(25000, 300000), Read());
    }

    [Fact]
    public void In_a_container_whose_cgroup_path_is_the_host_s_the_mount_s_root_counts()
    {
        Write("proc/meminfo", MemInfo);
        Write("proc/self/cgroup", "7:memory:/docker/abc\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "200000");
        Write("sys/fs/cgroup/memory/memory.usage_in_bytes", "250000");
        Assert.Equal(new MemoryReading(0, 200000), Read());
    }

    [Fact]
    public void Where_there_is_no_proc_it_is_what_the_runtime_knows()
    {
        var reading = Read();
        Assert.InRange(reading.Available, 0, reading.Total);
        Assert.True(reading.Total > 0);
    }

    [Fact]
    public void This_machine_has_memory()
    {
        var reading = new HostMemoryProbe().Read();
        Assert.InRange(reading.Available, 1, reading.Total);
    }

    [Theory]
    [InlineData("MemTotal: 5 kB", "MemTotal", 5120)]
    [InlineData("HugePages_Total: 7", "HugePages_Total", 7)]
    [InlineData("MemTotalX: 5 kB", "MemTotal", null)]
    [InlineData("MemTotal: x kB", "MemTotal", null)]
    [InlineData("", "MemTotal", null)]
    public void A_field_of_meminfo_is_read_in_bytes(string text, string field, int? bytes) =>
        Assert.Equal(bytes, MemoryFiles.MemInfo(text, field));

    private MemoryReading Read() => new HostMemoryProbe(_root.FullName).Read();

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
