namespace Instancer.TestKit.Simulation;

/// <summary>The calls that the actors have made to the outside and that have not been answered: the simulation decides which is, when and how.</summary>
internal sealed class PendingCalls(Random random)
{
    private readonly List<Action> _calls = [];

    public bool Any => _calls.Count > 0;

    /// <summary>Adds something that will happen at some later step.</summary>
    public void Add(Action happens) => _calls.Add(happens);

    /// <summary>Lets one of them happen.</summary>
    public void HappenOne()
    {
        var index = random.Next(_calls.Count);
        var happens = _calls[index];
        _calls.RemoveAt(index);
        happens();
    }

    /// <summary>Forgets everything, as a killed process does.</summary>
    public void Clear() => _calls.Clear();
}
