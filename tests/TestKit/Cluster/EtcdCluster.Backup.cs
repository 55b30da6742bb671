namespace Instancer.TestKit.Cluster;

/// <summary>What they have, kept and put back, as an operator does who has lost their disks.</summary>
internal sealed partial class EtcdCluster
{
    private string Saved => _directory + "-saved";

    /// <summary>Keeps what the members have, as a backup of their disks does; they are away meanwhile.</summary>
    public async Task SaveAsync()
    {
        await KillAllAsync();
        CopyDirectory(_directory, Saved);
        await StartAgainAsync();
    }

    /// <summary>Gives the members what was kept, or nothing if nothing was: whatever came later never was. They are away meanwhile.</summary>
    public async Task RestoreAsync()
    {
        await KillAllAsync();
        Directory.Delete(_directory, recursive: true);
        Directory.CreateDirectory(_directory);
        if (Directory.Exists(Saved))
        {
            CopyDirectory(Saved, _directory);
        }

        await StartAgainAsync();
    }

    private static void CopyDirectory(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
        }
    }

    private void DeleteSaved()
    {
        if (Directory.Exists(Saved))
        {
            Directory.Delete(Saved, recursive: true);
        }
    }
}
