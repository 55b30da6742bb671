using System.Runtime.InteropServices;
using Instancer.Gateway.Admin;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>SIGTERM and SIGINT: the first asks the node to drain, the second to stop at once. Operators ask it to drain without a signal.</summary>
internal sealed class StopSignals : IDrain, IDisposable
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ILogger _logger;
    private int _signals;

    /// <summary>From here on the signals no longer end the process by themselves.</summary>
    public StopSignals(ILogger logger)
    {
        _logger = logger;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Receive),
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Receive),
        ];
    }

    /// <summary>Ends with the name of the first signal, or of who else asked first.</summary>
    public Task<string> First => _first.Task;

    /// <summary>Cancelled by the second signal.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <inheritdoc/>
    public bool IsAsked => First.IsCompleted;

    /// <inheritdoc/>
    public void Ask(string by) => _first.TrySetResult(by);

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _hurry.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        // Of signals alone: whoever stops a process that drains already sends one and means no hurry.
        if (Interlocked.Increment(ref _signals) == 1)
        {
            Ask(context.Signal.ToString());
        }
        else
        {
            LogMessages.Hurrying(_logger, context.Signal.ToString());
            _hurry.Cancel();
        }
    }
}
