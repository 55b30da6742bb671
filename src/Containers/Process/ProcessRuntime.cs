using System.ComponentModel;
using Instancer.Actors;
using Instancer.Actors.Instances;
using Instancer.Containers.Linux;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Process;

/// <summary>
/// Runs instances as processes of this machine that listen at 127.0.0.1. It isolates nothing: it is for development and for servers that
/// are trusted. The processes belong to this one; what a killed one left behind is listed as unusable, to be removed.
/// </summary>
public sealed class ProcessRuntime : IInstanceRuntime
{
    private readonly ProcessRuntimeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ProcessRecords _records;
    private readonly ProcessLauncher _launcher;
    private readonly ProcessReadiness _readiness;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, BackendProcess> _backends = new(StringComparer.Ordinal);
    private bool _isLoaded;

    /// <summary>A runtime for one node. Nothing is read or written yet.</summary>
    public ProcessRuntime(ProcessRuntimeOptions options, TimeProvider time, ILogger<ProcessRuntime> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time;
        _logger = logger;
        _records = new ProcessRecords(options.StateDirectory, logger);
        _launcher = new ProcessLauncher(logger);
        _readiness = new ProcessReadiness(time);
        logger.IsolatesNothing();
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public bool SurvivesRestart => false;

    /// <summary>Always yes.</summary>
    public bool NeedsPort(InstanceTemplate template) => true;

    /// <summary>Why <paramref name="template"/> cannot be started here, in one line; null if nothing is seen that speaks against it.</summary>
    public string? Check(ProcessTemplate template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return CommandLine.Resolve(template, _options.SelfCommand, port: 1).Reason;
    }

    /// <inheritdoc/>
    public async Task<StartOutcome> StartAsync(StartRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var template = request.Template as ProcessTemplate
            ?? throw new ArgumentException($"The process runtime starts no {request.Template?.GetType().Name}.", nameof(request));
        var port = request.Port ?? throw new ArgumentException("A process needs a port.", nameof(request));
        try
        {
            return await ThereAlreadyAsync(request.Key, template, cancellationToken) is { } there
                ? there
                : await StartAsync(request, template, port, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new StartOutcome.Failed(StartFailure.NotReady, "given up before the command was run");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StartOutcome.Failed(StartFailure.Unavailable, OneLine.Of($"the record of the process cannot be written: {e.Message}"));
        }
    }

    /// <inheritdoc/>
    public Task<TakeOutcome> TakeAsync(TakeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        lock (_gate)
        {
            if (!_backends.TryGetValue(request.Spare.Id, out var spare))
            {
                return Task.FromResult<TakeOutcome>(new TakeOutcome.Failed("it is gone"));
            }

            if (_backends.Values.Any(backend => backend.Key == request.Key))
            {
                return Task.FromResult<TakeOutcome>(new TakeOutcome.Failed("the key has a process already"));
            }

            spare.GiveTo(request.Key);
            return Task.FromResult<TakeOutcome>(new TakeOutcome.Taken());
        }
    }

    /// <inheritdoc/>
    public async Task<StopOutcome> StopAsync(InstanceKey key, string? backendId, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var backend in Find(key, backendId))
            {
                await RemoveAsync(backend, cancellationToken);
            }

            return new StopOutcome.Gone();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new StopOutcome.Failed("its processes had not ended in time");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StopOutcome.Failed(OneLine.Of(e.Message));
        }
    }

    /// <inheritdoc/>
    public async Task<ListOutcome> ListAsync(CancellationToken cancellationToken)
    {
        BackendProcess[] backends;
        try
        {
            backends = Find(key: null, backendId: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ListOutcome.Unavailable(OneLine.Of($"the records of processes cannot be read: {e.Message}"));
        }

        var found = new List<FoundBackend>(backends.Length);
        foreach (var backend in backends)
        {
            var usable = backend.IsChild && await ProcessReadiness.ListensAsync(backend, cancellationToken);
            found.Add(new FoundBackend(backend.Key, backend.Backend, backend.Record.Spec, usable) { IsSpare = backend.IsSpare });
        }

        return new ListOutcome.Listed(found);
    }

    private async Task<StartOutcome?> ThereAlreadyAsync(InstanceKey key, ProcessTemplate template, CancellationToken cancellationToken)
    {
        foreach (var backend in Find(key, backendId: null))
        {
            if (backend.IsChild && backend.Record.Spec == template.SpecHash && await ProcessReadiness.ListensAsync(backend, cancellationToken))
            {
                return new StartOutcome.Started(backend.Backend);
            }

            await RemoveAsync(backend, cancellationToken);
        }

        return null;
    }

    private async Task<StartOutcome> StartAsync(StartRequest request, ProcessTemplate template, int port, CancellationToken cancellationToken)
    {
        var (words, reason) = CommandLine.Resolve(template, _options.SelfCommand, port);
        if (words is null)
        {
            return new StartOutcome.Failed(StartFailure.Rejected, reason!);
        }

        if (!await PortCheck.IsFreeAsync(port, cancellationToken))
        {
            return new StartOutcome.Failed(StartFailure.PortTaken, FormattableString.Invariant($"somebody else listens on port {port}"));
        }

        BackendProcess backend;
        try
        {
            backend = Launch(request, template, words, port, cancellationToken);
        }
        catch (Win32Exception e)
        {
            return new StartOutcome.Failed(StartFailure.Rejected, OneLine.Of($"the command {words[0]} cannot be run: {e.Message}"));
        }

        if (await _readiness.WaitAsync(backend, cancellationToken) is not { } failure)
        {
            _logger.ProcessReady(request.Key.ToShortString(), backend.Pid, port);
            return new StartOutcome.Started(backend.Backend);
        }

        if (!cancellationToken.IsCancellationRequested)
        {
            await RemoveAsync(backend, cancellationToken);
        }

        return failure;
    }

    // Under the lock, so that a stop that follows a cancellation either finds the process or can be sure that there will be none.
    private BackendProcess Launch(StartRequest request, ProcessTemplate template, IReadOnlyList<string> words, int port, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = new ProcessRecord(
                Guid.NewGuid().ToString("N"), request.Key.ToString(), template.SpecHash, port, _time.GetUtcNow(), ProcessTable.BootId, _launcher.MakesGroups);
            var variables = template.Environment.ToDictionary(pair => pair.Key, pair => CommandLine.Fill(pair.Value, port), StringComparer.Ordinal);
            variables[ProcessRecord.Marker] = record.Id;
            if (request.Flag is { } flag)
            {
                variables[template.FlagVariable] = flag;
            }

            _records.Write(record);
            try
            {
                var process = _launcher.Start(words, variables, template.WorkingDirectory, _records.PidFile(record.Id));
                var identity = new ProcessIdentity(process.Id, ProcessTable.Find(process.Id)?.StartTime);
                return _backends[record.Id] = BackendProcess.Child(request.Key, request.IsSpare, record, identity, process);
            }
            catch
            {
                _records.Delete(record.Id);
                throw;
            }
        }
    }

    private async Task RemoveAsync(BackendProcess backend, CancellationToken cancellationToken)
    {
        await backend.RemoveAsync(_time, cancellationToken);
        lock (_gate)
        {
            if (_backends.Remove(backend.Record.Id))
            {
                _records.Delete(backend.Record.Id);
                _logger.ProcessGone(backend.Key.ToShortString(), backend.Pid);
            }
        }
    }

    private BackendProcess[] Find(InstanceKey? key, string? backendId)
    {
        lock (_gate)
        {
            if (!_isLoaded)
            {
                foreach (var (record, owner, identity) in _records.ReadAll())
                {
                    _backends[record.Id] = BackendProcess.LeftBehind(owner, record, identity);
                }

                _isLoaded = true;
            }

            return
            [
                .. _backends.Values.Where(backend =>
                    backendId is null ? key is null || backend.Key == key : backend.Record.Id == backendId),
            ];
        }
    }
}
