using System.Formats.Tar;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Deploy;

/// <summary>This machine's etcd and what it is linked with: stands in for the public image where none can be pulled.</summary>
internal sealed class EtcdImage(NodeHome home, EngineApi engine) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public string Name { get; } = $"instancer-test/etcd-{home.Name}";

    /// <summary>Makes it.</summary>
    public async Task MakeAsync()
    {
        var etcd = DockerDaemon.OnPath("etcd")!;
        var libraries = await home.SucceedsAsync(Patience, "ldd", etcd);
        var file = Path.Combine(home.Directory, "etcd.tar");
        await using (var tar = new TarWriter(File.Create(file)))
        {
            await LocalBaseImage.AddFileAsync(tar, etcd, "usr/bin/etcd");
            foreach (var library in libraries.SelectMany(line => line.Split([' ', '\t'])).Where(File.Exists).Distinct())
            {
                await LocalBaseImage.AddFileAsync(tar, library, library.TrimStart('/'));
            }

            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.Directory, "tmp/") { Mode = (UnixFileMode)0x3FF });
        }

        await home.SucceedsAsync(Patience, LocalBaseImage.Docker, "import", "--change", "ENV PATH=/usr/bin", "--change", $"LABEL {LocalBaseImage.Label}={home.Name}", file, Name);
    }

    public async ValueTask DisposeAsync() => await engine.SendAsync(HttpMethod.Delete, $"images/{Name}?force=true", absentIsFine: true);
}

/// <summary>A test that needs an engine, and this machine's etcd besides.</summary>
public sealed class EngineAndEtcdFactAttribute : EngineFactAttribute
{
    public EngineAndEtcdFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true" && DockerDaemon.OnPath("etcd") is null)
        {
            Skip = "Needs an etcd on the PATH.";
        }
    }
}
