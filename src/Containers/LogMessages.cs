using Microsoft.Extensions.Logging;

namespace Instancer.Containers;

/// <summary>Every message that the runtimes log. Event ids: 2000 to 2099 process, 2100 to 2199 docker; never reused.</summary>
internal static partial class LogMessages
{
    [LoggerMessage(2000, LogLevel.Warning, "The process runtime isolates nothing: instances are ordinary processes of this user on this machine.")]
    public static partial void IsolatesNothing(this ILogger logger);

    [LoggerMessage(2001, LogLevel.Warning, "Instances get no process group of their own here ({Reason}); they are killed as process trees, which misses a child whose parent has ended.")]
    public static partial void NoProcessGroups(this ILogger logger, string reason);

    [LoggerMessage(2002, LogLevel.Warning, "The record {File} of a process cannot be read and is removed: {Reason}")]
    public static partial void CorruptRecord(this ILogger logger, string file, string reason);

    [LoggerMessage(2003, LogLevel.Debug, "{Key}: process {Pid} listens on port {Port}.")]
    public static partial void ProcessReady(this ILogger logger, string key, int pid, int port);

    [LoggerMessage(2004, LogLevel.Debug, "{Key}: process {Pid} and its group are gone.")]
    public static partial void ProcessGone(this ILogger logger, string key, int pid);

    [LoggerMessage(2100, LogLevel.Information, "Docker engine at {Endpoint}, API {Version}; address \"auto\" means {Mode}: {Reason}")]
    public static partial void AddressResolved(this ILogger logger, string endpoint, string version, string mode, string reason);

    [LoggerMessage(2101, LogLevel.Information, "Made the network {Network}.")]
    public static partial void NetworkMade(this ILogger logger, string network);

    [LoggerMessage(2102, LogLevel.Warning, "The stream of the engine's events ended ({Reason}); trying again.")]
    public static partial void EventsLost(this ILogger logger, string reason);

    [LoggerMessage(2103, LogLevel.Warning, "An event of the engine cannot be read and is left out: {Reason}")]
    public static partial void EventUnreadable(this ILogger logger, string reason);

    [LoggerMessage(2104, LogLevel.Warning, "The container {Container} has this node's label, but its other labels cannot be read; it is removed.")]
    public static partial void LabelsUnreadable(this ILogger logger, string container);

    [LoggerMessage(2105, LogLevel.Warning, "The container {Container} could not be removed: {Reason}")]
    public static partial void RemoveFailed(this ILogger logger, string container, string reason);

    [LoggerMessage(2106, LogLevel.Information, "{Key}: the container {Container} was there already and is adopted.")]
    public static partial void Adopted(this ILogger logger, string key, string container);

    [LoggerMessage(2107, LogLevel.Information, "{Key}: the container {Container} was there already and does not match; it is removed.")]
    public static partial void Replaced(this ILogger logger, string key, string container);

    [LoggerMessage(2108, LogLevel.Debug, "{Key}: the container {Container} listens at {Address}.")]
    public static partial void ContainerReady(this ILogger logger, string key, string container, string address);

    [LoggerMessage(2109, LogLevel.Debug, "{Key}: the start was given up while the container was made; it is removed.")]
    public static partial void CreatedTooLate(this ILogger logger, string key);

    [LoggerMessage(2110, LogLevel.Warning, "The engine has no init for containers ({Reason}); until this node is started again they run without one, and a server has to reap its own zombies. Debian has it in the package tini, for podman in catatonit.")]
    public static partial void NoInit(this ILogger logger, string reason);

    [LoggerMessage(2111, LogLevel.Warning, "The address \"namespace\" does not work here and is \"{Mode}\": {Reason}")]
    public static partial void NoNamespace(this ILogger logger, string mode, string reason);

    [LoggerMessage(2112, LogLevel.Warning, "The container {Container} was paused from outside; it goes on.")]
    public static partial void Resumed(this ILogger logger, string container);

    [LoggerMessage(2113, LogLevel.Warning, "The container {Container} was paused from outside and does not go on: {Reason}")]
    public static partial void ResumeFailed(this ILogger logger, string container, string reason);

    [LoggerMessage(2114, LogLevel.Information, "The container {Container} is a companion, {Member}, of one that is not there; it is removed.")]
    public static partial void Orphan(this ILogger logger, string container, string member);

    [LoggerMessage(2115, LogLevel.Debug, "{Key}: its companion {Member}, the container {Container}, runs.")]
    public static partial void CompanionRuns(this ILogger logger, string key, string member, string container);

    [LoggerMessage(2116, LogLevel.Warning, "The engine has not removed the files of all flags within {Limit}; they go later, at the latest with the node's next start.")]
    public static partial void FlagsLeft(this ILogger logger, TimeSpan limit);

    [LoggerMessage(2120, LogLevel.Warning, "The engine keeps the containers on the network {Network} neither apart nor, where ports are published, from the world (podman does not); where that matters use the address \"namespace\".")]
    public static partial void NotKeptApart(this ILogger logger, string network);

    [LoggerMessage(2121, LogLevel.Warning, "The engine has several networks of the name {Network}; {Id}, which no container is on, is removed.")]
    public static partial void NetworkSurplus(this ILogger logger, string network, string id);
}
