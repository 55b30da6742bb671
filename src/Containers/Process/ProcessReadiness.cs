using System.Globalization;
using Instancer.Actors.Instances;
using Instancer.Containers.Linux;

namespace Instancer.Containers.Process;

/// <summary>Waits until a process accepts connections on its port, and nobody else does in its place.</summary>
internal sealed class ProcessReadiness(TimeProvider time)
{
    /// <summary>Null when the backend is ready.</summary>
    public async Task<StartOutcome.Failed?> WaitAsync(BackendProcess backend, CancellationToken cancellationToken)
    {
        var port = backend.Record.Port;
        var exited = backend.Backend.Exited;
        var started = time.GetTimestamp();
        var interval = PollInterval.ForReadiness();
        var strangerListens = false;
        try
        {
            while (!exited.IsCompleted)
            {
                if (await PortCheck.AcceptsAsync(port, cancellationToken))
                {
                    if (IsListener(backend))
                    {
                        return null;
                    }

                    strangerListens = true;
                }

                await Task.WhenAny(exited, Task.Delay(interval.Next(), time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }

            var how = (await exited).Reason;
            return await PortCheck.IsFreeAsync(port, cancellationToken)
                ? Failed(StartFailure.Exited, $"{how} before it listened on port {port}")
                : Failed(StartFailure.PortTaken, $"{how}; somebody else listens on port {port}");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var waited = time.GetElapsedTime(started).TotalSeconds;
            return strangerListens
                ? Failed(StartFailure.NotReady, $"not the command but somebody else listened on port {port} within {waited:0.0} s")
                : Failed(StartFailure.NotReady, $"nothing listened on port {port} within {waited:0.0} s");
        }
    }

    /// <summary>Whether it is ready at this moment.</summary>
    public static async Task<bool> ListensAsync(BackendProcess backend, CancellationToken cancellationToken) =>
        !backend.Backend.Exited.IsCompleted
        && await PortCheck.AcceptsAsync(backend.Record.Port, cancellationToken)
        && IsListener(backend);

    // Somebody else may have taken the port after it was found free. Where it cannot be told who listens, it is taken to be the backend.
    private static bool IsListener(BackendProcess backend)
    {
        if (!backend.Record.HasGroup)
        {
            return true;
        }

        var lookup = new ListenerLookup(Environment.ProcessId, backend.EndPoint);
        return lookup.Look() != ListenerState.Present
            || ProcessTable.HaveSocket(ProcessTable.InGroup(backend.Pid), lookup.Found!.Value.Inode) is not false;
    }

    private static StartOutcome.Failed Failed(StartFailure failure, FormattableString reason) =>
        new(failure, reason.ToString(CultureInfo.InvariantCulture));
}
