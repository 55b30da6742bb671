using Instancer.Actors.Registry;
using Instancer.Actors.Runtime;
using Microsoft.Extensions.Logging;

namespace Instancer.Actors.Reaping;

/// <summary>
/// Measures the pressure and asks the registry to cull what <see cref="ReaperPolicy"/> chooses. The registry tells it at once when a
/// start finds no room; its own clock is for the host's memory, and mends whatever a lost message left undone.
/// </summary>
internal sealed class ReaperActor : Actor<ReaperMessage>
{
    private readonly ReaperOptions _options;
    private readonly IMemoryProbe _memory;
    private readonly ActorRef<RegistryMessage> _registry;
    private readonly ReaperChoice _choose;
    private readonly ILogger _logger;

    public ReaperActor(
        ReaperOptions options, IMemoryProbe memory, ActorRef<RegistryMessage> registry, ReaperChoice choose, ILogger logger)
    {
        _choose = choose;
        _options = options;
        _memory = memory;
        _registry = registry;
        _logger = logger;
    }

    protected internal override void PreStart()
    {
        Context.StartPeriodicTimer("tick", new ReaperMessage.Tick(), _options.Interval);
        Self.Tell(new ReaperMessage.Tick());
    }

    protected internal override void Receive(ReaperMessage message)
    {
        switch (message)
        {
            case ReaperMessage.Tick:
                var isLow = _options.MinAvailableMemory > 0 && _memory.Read().Available < _options.MinAvailableMemory;
                _registry.Tell(new RegistryMessage.Inspect(Self, IsPressed: isLow));
                break;
            case ReaperMessage.Survey survey:
                Cull(survey);
                break;
        }
    }

    private void Cull(ReaperMessage.Survey survey)
    {
        var reading = _options.MinAvailableMemory > 0 ? _memory.Read() : default;
        var victims = _choose(_options, survey.Candidates, survey.Demand, reading);
        if (victims.Count > 0)
        {
            ReapingLog.Culling(_logger, victims.Count, victims[0].Cause, victims[0].Key.ToShortString());
        }

        _registry.Tell(new RegistryMessage.Cull(victims));
    }
}
