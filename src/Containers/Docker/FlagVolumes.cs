using System.Formats.Tar;
using System.Text;
using Instancer.Containers.Docker.Engine;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Docker;

/// <summary>A flag in a file on the engine's host, to be mounted into a container.</summary>
/// <param name="Volume">The volume that has the file.</param>
/// <param name="Path">Where the engine's host has it.</param>
internal sealed record FlagFile(string Volume, string Path);

/// <summary>
/// Volumes with a flag in each. The root file systems of containers are read-only, for the engine's own copying too; so the file is copied into a volume, by way of a
/// container of the same name that has it mounted and is never started, and is then mounted alone and read-only.
/// </summary>
internal sealed class FlagVolumes(EngineClient engine, string node, ContainerRemoval removal, ILogger logger)
{
    private const string NodeLabel = "instancer.flags";
    private const string FileName = "flag";
    private const string Target = "/.instancer";

    // For everybody to read, since the server need not be root, and for nobody to write.
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The names of all that this node has, and whether none can be missing.</summary>
    public async Task<(IReadOnlyList<string> Names, bool IsComplete)> ListAsync(CancellationToken cancellationToken)
    {
        var label = $"{NodeLabel}={node}";
        var volumes = await engine.ListVolumesAsync(label, cancellationToken);
        var containers = await engine.ListContainersAsync([label], cancellationToken);
        var names = (volumes.Value?.Volumes ?? []).Select(volume => volume.Name)
            .Union((containers.Value ?? []).SelectMany(container => container.Names ?? []).Select(name => name.TrimStart('/')));
        return ([.. names], volumes.Succeeded && containers.Succeeded);
    }

    /// <summary>Makes one, with the flag in its file.</summary>
    public async Task<EngineResult<FlagFile>> MakeAsync(string name, string image, string flag)
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

    /// <summary>Removes one, with what is left of the container that carried its file; whether nothing of it is there any more.</summary>
    public async Task<bool> RemoveAsync(string name, CancellationToken cancellationToken)
    {
        var error = await removal.RemoveAsync(name, cancellationToken) ?? await engine.RemoveVolumeAsync(name, cancellationToken);
        if (error is null or { IsNotFound: true })
        {
            return true;
        }

        logger.RemoveFailed(name, error.Message);
        return false;
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
