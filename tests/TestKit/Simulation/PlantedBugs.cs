namespace Instancer.TestKit.Simulation;

/// <summary>Bugs that tests plant in the fakes, to see that the simulation finds them.</summary>
[Flags]
public enum PlantedBugs
{
    None = 0,

    /// <summary>The runtime calls backends dead that live on, and removes nothing: the next start is a second backend.</summary>
    SecondBackend = 1,

    /// <summary>Listings leave out what nobody asked for any more: what was left behind is never found.</summary>
    BlindListing = 2,

    /// <summary>A removal is confirmed before the backend is gone.</summary>
    EarlyConfirmation = 4,

    /// <summary>Timers that are due late never fire.</summary>
    LostTimers = 8,

    /// <summary>A token that nobody has is accepted.</summary>
    WrongToken = 16,

    /// <summary>The youngest go first.</summary>
    YoungestFirst = 32,

    /// <summary>One more goes than has to.</summary>
    OneTooMany = 64,

    /// <summary>Some removals are never answered: what the instance held is never given back.</summary>
    LostAnswers = 128,

    /// <summary>Clients are dialled through to somebody else's backend.</summary>
    CrossedWires = 256,

    /// <summary>Listings have one backend for each key: a second one is never found.</summary>
    OnePerKey = 512,

    /// <summary>A spare is given away without that being written down.</summary>
    UnrecordedClaim = 1024,

    /// <summary>Gateways take one connection more than they may.</summary>
    OneConnectionTooMany = 2048,

    /// <summary>Tokens get one instance more than they may have.</summary>
    OneInstanceTooMany = 4096,

    /// <summary>Tokens get one start more within a minute than they may have.</summary>
    OneStartTooMany = 8192,

    /// <summary>Instances get one session more than they may have.</summary>
    OneSessionTooMany = 16384,

    /// <summary>An authenticator that cannot find out whose a token is accepts it.</summary>
    DoubtIsYes = 32768,
}
