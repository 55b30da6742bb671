using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Hosting;

/// <summary>SIGTERM and SIGINT: the first asks the node to drain, the second to stop at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _hurry = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ILogger _logger;

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

    /// <summary>Ends with the first signal's name.</summary>
    public Task<string> First => _first.Task;

    /// <summary>Cancelled by the second signal.</summary>
    public CancellationToken Hurry => _hurry.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _hurry.Dispose();
    }

    private void Receive(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_first.TrySetResult(context.Signal.ToString()))
        {
            LogMessages.Hurrying(_logger, context.Signal.ToString());
            _hurry.Cancel();
        }
    }
}
