using System.Collections.Concurrent;
using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>A flag in a file on the engine's host, to be mounted into a container.</summary>
/// <param name="Volume">The volume that has the file.</param>
/// <param name="Path">Where the engine's host has it.</param>
internal sealed record FlagFile(string Volume, string Path);

/// <summary>
/// Has the engine keep a flag in a file for as long as a container's start takes. The root file systems of containers are read-only, for the engine's own copying too; so the
/// file is copied into a volume, by way of a container that has it mounted and is never started, and then mounted alone and read-only. Once the container runs the volume
/// goes: the container's mount keeps the file itself.
/// </summary>
internal sealed class FlagFiles(EngineClient engine, string node, ContainerRemoval removal, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const string NodeLabel = "instancer.flags";
    private const string FileName = "flag";
    private const string Target = "/.instancer";

    // For everybody to read, since the server need not be root, and for nobody to write.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>How long the end of the process waits for what is being removed; the next one sweeps what is left.</summary>
    private static readonly TimeSpan DisposeLimit = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, bool> _inUse = [];
    private readonly Lock _gate = new();
    private Task _releases = Task.CompletedTask;
    private volatile bool _mayHaveLeft = true;

    /// <summary>The file; to be released when the container runs, or will not. Given up, it is written all the same and then removed.</summary>
    public async Task<EngineResult<FlagFile>> WriteAsync(string image, string flag, CancellationToken cancellationToken)
    {
        var name = $"instancer-flag-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
        _inUse[name] = true;
        var writing = WriteAsync(name, image, flag);
        try
        {
            var written = await writing.WaitAsync(cancellationToken);
            if (!written.Succeeded)
            {
                Leave(name);
            }

            return written;
        }
        catch (OperationCanceledException)
        {
            Track(ReleaseWhenWrittenAsync(name, writing));
            throw;
        }
    }

    /// <summary>Begins to remove it; what cannot be removed now goes with a later <see cref="SweepAsync"/>.</summary>
    public void Release(FlagFile file) => Track(ReleaseAsync(file.Volume));

    /// <summary>Removes what earlier processes left, and starts that were given up.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (!_mayHaveLeft)
        {
            return;
        }

        _mayHaveLeft = false;
        var label = $"{NodeLabel}={node}";
        var volumes = await engine.ListVolumesAsync(label, cancellationToken);
        var containers = await engine.ListContainersAsync([label], cancellationToken);
        _mayHaveLeft = !volumes.Succeeded || !containers.Succeeded;
        var names = (volumes.Value?.Volumes ?? []).Select(volume => volume.Name)
            .Union((containers.Value ?? []).SelectMany(container => container.Names ?? []).Select(name => name.TrimStart('/')));
        foreach (var name in names.Where(name => !_inUse.ContainsKey(name)))
        {
            _mayHaveLeft |= !await RemoveAsync(name, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _releases.WaitAsync(DisposeLimit, time);
        }
        catch (TimeoutException)
        {
            logger.FlagsLeft(DisposeLimit);
        }
    }

    private void Track(Task release)
    {
        lock (_gate)
        {
            _releases = _releases.IsCompleted ? release : Task.WhenAll(_releases, release);
        }
    }

    // Not to be given up: a request that was cut off may be carried out all the same, and nobody would know of what it made.
    private async Task<EngineResult<FlagFile>> WriteAsync(string name, string image, string flag)
    {
        var labels = new Dictionary<string, string> { [NodeLabel] = node };
        var volume = await engine.CreateVolumeAsync(new CreateVolume(name, labels), CancellationToken.None);
        if (!volume.Succeeded)
        {
            return volume.Error;
        }

        var carrier = new CreateContainer
        {
            Image = image,
            // An image need not have a command, and the engine wants one. It is never run.
            Cmd = ["none"],
            Labels = labels,
            HostConfig = new HostConfig { NetworkMode = "none", Mounts = [new Mount("volume", name, Target, ReadOnly: false)] },
        };
        var created = await engine.CreateContainerAsync(name, carrier, CancellationToken.None);
        if (!created.Succeeded)
        {
            return created.Error;
        }

        return await engine.CopyIntoContainerAsync(created.Value.Id, Target, Archive(flag), CancellationToken.None) is { } error
            ? error
            : new FlagFile(name, $"{volume.Value.Mountpoint}/{FileName}");
    }

    private async Task ReleaseWhenWrittenAsync(string name, Task writing)
    {
        await writing;
        await ReleaseAsync(name);
    }

    private async Task ReleaseAsync(string name)
    {
        if (await RemoveAsync(name, CancellationToken.None))
        {
            _inUse.TryRemove(name, out _);
        }
        else
        {
            Leave(name);
        }
    }

    private async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var error = await removal.RemoveAsync(name, cancellationToken) ?? await engine.RemoveVolumeAsync(name, cancellationToken);
        if (error is null or { IsNotFound: true })
        {
            return true;
        }

        logger.RemoveFailed(name, error.Message);
        return false;
    }

    private void Leave(string name)
    {
        _mayHaveLeft = true;
        _inUse.TryRemove(name, out _);
    }

    private static byte[] Archive(string flag)
    {
        using var bytes = new MemoryStream();
        using (var writer = new TarWriter(bytes, TarEntryFormat.Ustar, leaveOpen: true))
        {
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, FileName)
            {
                Mode = Mode,
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes(flag + "\n")),
            });
        }

        return bytes.ToArray();
    }
}
