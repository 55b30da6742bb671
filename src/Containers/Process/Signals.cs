using System.Runtime.InteropServices;

namespace Instancer.Containers.Process;

/// <summary>kill(2).</summary>
internal static partial class Signals
{
    private const int Kill = 9;
    private const int NoSuchProcess = 3;

    /// <summary>Sends SIGKILL to a process; false if there is none, or none that may be killed.</summary>
    public static bool KillProcess(int pid) => SendSignal(pid, Kill) == 0;

    /// <summary>Sends SIGKILL to every process of a group; false if there is none, or none that may be killed.</summary>
    public static bool KillGroup(int group) => SendSignal(-group, Kill) == 0;

    /// <summary>Whether there is any process of the group, dead ones that nobody has waited for included.</summary>
    public static bool GroupExists(int group) => SendSignal(-group, 0) == 0 || Marshal.GetLastPInvokeError() != NoSuchProcess;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int pid, int signal);
}
