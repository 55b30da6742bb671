using System.Globalization;
using System.Net;
using Instancer.Actors;
using Instancer.Actors.Instances;
using OsProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Process;

/// <summary>One backend: its record and its processes. The process is a child of this one, or what an earlier gateway left behind.</summary>
internal sealed class BackendProcess
{
    private readonly ProcessTree _tree;

    private BackendProcess(InstanceKey key, ProcessRecord record, ProcessTree tree, int pid, Task<BackendExit> exited, bool isChild)
    {
        Key = key;
        Record = record;
        Pid = pid;
        IsChild = isChild;
        EndPoint = new IPEndPoint(IPAddress.Loopback, record.Port);
        _tree = tree;
        Backend = new Backend
        {
            Id = record.Id,
            Address = new TcpBackendAddress(EndPoint),
            Port = record.Port,
            CreatedAt = record.Created,
            Exited = exited,
        };
    }

    /// <summary>Whose it is.</summary>
    public InstanceKey Key { get; private set; }

    /// <summary>Whether it was started for nobody, and nobody has taken it.</summary>
    public bool IsSpare { get; private set; }

    public ProcessRecord Record { get; }

    public int Pid { get; }

    public bool IsChild { get; }

    public IPEndPoint EndPoint { get; }

    public Backend Backend { get; }

    /// <summary>A process that was just started.</summary>
    public static BackendProcess Child(InstanceKey key, bool isSpare, ProcessRecord record, ProcessIdentity identity, OsProcess process)
    {
        var tree = ProcessTree.Of(record, identity, process);
        return new BackendProcess(key, record, tree, identity.Pid, ExitOfAsync(process, tree), isChild: true) { IsSpare = isSpare };
    }

    /// <summary>What an earlier gateway left behind; without an identity, it is not known whether its process ever came to be.</summary>
    public static BackendProcess LeftBehind(InstanceKey key, ProcessRecord record, ProcessIdentity? identity)
    {
        var tree = identity is null ? ProcessTree.OfUnknown(record) : ProcessTree.Of(record, identity, null);
        // Nobody can wait for a process that is not a child; it is to be removed, not used.
        var exited = Task.FromResult(new BackendExit("left behind by an earlier gateway"));
        return new BackendProcess(key, record, tree, identity?.Pid ?? 0, exited, isChild: false);
    }

    /// <summary>Makes a spare somebody's. Its record stays: what a killed gateway leaves behind is removed, whoever had it.</summary>
    /// <returns>The backend as its new owner knows it: as old as its ownership.</returns>
    public void GiveTo(InstanceKey key) => (Key, IsSpare) = (key, false);

    /// <summary>Kills all of it, and ends when nothing of it is left.</summary>
    public async Task RemoveAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var interval = PollInterval.ForReadiness();
        while (!_tree.Kill())
        {
            await Task.Delay(interval.Next(), time, cancellationToken);
        }
    }

    private static async Task<BackendExit> ExitOfAsync(OsProcess process, ProcessTree tree)
    {
        await process.WaitForExitAsync();
        // The command's end is the backend's: what it leaves running goes too.
        tree.Kill();
        var status = process.ExitCode;
        // .NET gives 128 + N for a process that signal N killed, as shells do.
        return status is > 128 and <= 128 + 64 && !OperatingSystem.IsWindows()
            ? new BackendExit(string.Create(CultureInfo.InvariantCulture, $"killed by signal {status - 128}"))
            : new BackendExit(string.Create(CultureInfo.InvariantCulture, $"exited with status {status}"));
    }
}
