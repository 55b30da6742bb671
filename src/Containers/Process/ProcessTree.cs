using System.ComponentModel;
using Instancer.Containers.Linux;
using OsProcess = System.Diagnostics.Process;

namespace Instancer.Containers.Process;

/// <summary>All processes of one backend.</summary>
internal abstract class ProcessTree
{
    /// <summary>The means that fits this system and the way the backend was started.</summary>
    public static ProcessTree Of(ProcessRecord record, ProcessIdentity identity, OsProcess? child) =>
        record.HasGroup && identity.StartTime is { } startTime
            ? new LinuxGroup(identity.Pid, startTime, record)
            : new Portable(identity.Pid, record, child);

    /// <summary>For a record whose process wrote nothing down: it was cut off before it could, or never came to be.</summary>
    public static ProcessTree OfUnknown(ProcessRecord record) => new MarkedOnly(record);

    /// <summary>Kills what there is, and says whether nothing is left. To be called until it does.</summary>
    public abstract bool Kill();

    /// <summary>
    /// A process group whose leader's id may by now be somebody else's. It is the backend's own as long as the leader has the start
    /// time that was written down. Once the leader has ended, those in the group that carry the backend's mark are.
    /// </summary>
    private sealed class LinuxGroup(int leader, long startTime, ProcessRecord record) : ProcessTree
    {
        private bool SameBoot => record.Boot == ProcessTable.BootId;

        private bool LeaderRuns => ProcessTable.Find(leader) is { IsDead: false } stat && stat.StartTime == startTime;

        private IEnumerable<ProcessStat> Orphans => Signals.GroupExists(leader)
            ? ProcessTable.InGroup(leader).Where(member => ProcessTable.HasVariable(member.Id, ProcessRecord.Marker, record.Id))
            : [];

        public override bool Kill()
        {
            if (!SameBoot)
            {
                return true;
            }

            if (LeaderRuns)
            {
                // It leads no group for the moment between its start and its call of setsid.
                if (!Signals.KillGroup(leader))
                {
                    Signals.KillProcess(leader);
                }

                return false;
            }

            var orphans = Orphans.ToList();
            orphans.ForEach(orphan => Signals.KillProcess(orphan.Id));
            return orphans.Count == 0;
        }
    }

    /// <summary>Every process that carries the backend's mark.</summary>
    private sealed class MarkedOnly(ProcessRecord record) : ProcessTree
    {
        public override bool Kill()
        {
            var marked = ProcessTable.All().Where(process => ProcessTable.HasVariable(process.Id, ProcessRecord.Marker, record.Id)).ToList();
            marked.ForEach(process => Signals.KillProcess(process.Id));
            return marked.Count == 0;
        }
    }

    /// <summary>What .NET itself can do: the process and those that are its descendants at this moment.</summary>
    private sealed class Portable(int pid, ProcessRecord record, OsProcess? child) : ProcessTree
    {
        // Between the record and the process' start there is a fork, on a busy machine.
        private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

        public override bool Kill()
        {
            var process = Find();
            using var mine = child is null ? process : null;
            if (process is null)
            {
                return GroupIsGone();
            }

            if (record.HasGroup)
            {
                Signals.KillGroup(pid);
            }

            process.Kill(entireProcessTree: true);
            return false;
        }

        private bool GroupIsGone()
        {
            // Only for a child of this very process: an earlier gateway's group may be somebody else's by now.
            if (!record.HasGroup || child is null || !Signals.GroupExists(pid))
            {
                return true;
            }

            Signals.KillGroup(pid);
            return false;
        }

        private OsProcess? Find()
        {
            if (child is not null)
            {
                return child.HasExited ? null : child;
            }

            try
            {
                var process = OsProcess.GetProcessById(pid);
                var age = process.StartTime.ToUniversalTime() - record.Created.UtcDateTime;
                if (age.Duration() < Slack)
                {
                    return process;
                }

                process.Dispose();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // No such process, or one that is not ours to look at.
                return null;
            }

            return null;
        }
    }
}
