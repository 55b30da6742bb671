namespace Instancer.Gateway.Net.Linux;

/// <summary>Takes the events of one socket.</summary>
internal abstract class EpollHandler
{
    /// <summary>Tells this registration from earlier ones, so that an event that was under way to one of those is dropped.</summary>
    public uint Generation { get; set; }

    /// <summary>Called on the loop's thread; must not wait.</summary>
    public abstract void OnEvents(EpollEvents events);

    /// <summary>Called on any thread when the socket is closed or its loop stops: there will be no events.</summary>
    public abstract void OnForgotten();
}

/// <summary>Something for a loop's thread to do.</summary>
internal interface ILoopTask
{
    /// <summary>Called on the loop's thread; must not wait.</summary>
    void Run();
}
