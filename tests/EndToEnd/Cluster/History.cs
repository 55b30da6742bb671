using System.Collections.Concurrent;
using System.Diagnostics;

namespace Instancer.EndToEnd.Cluster;

/// <summary>A request that was answered.</summary>
/// <param name="Key">Whose instance was asked for.</param>
/// <param name="Backend">Which backend answered: a name that no other start has, now or ever.</param>
/// <param name="Sent">Just before the request was sent.</param>
/// <param name="Received">Just after its answer had come.</param>
/// <param name="Through">The node that the client was connected to.</param>
internal sealed record Answer(string Key, string Backend, TimeSpan Sent, TimeSpan Received, string Through);

/// <summary>A session that came to an end that its client had not asked for, or never came to be.</summary>
/// <param name="Key">Whose instance was asked for.</param>
/// <param name="Backend">Which backend had answered before; null if none had.</param>
/// <param name="Began">When the client began to connect.</param>
/// <param name="Ended">When it saw the end.</param>
/// <param name="Through">The node that the client was, or wanted to be, connected to.</param>
/// <param name="How">What the client saw.</param>
internal sealed record Failure(string Key, string? Backend, TimeSpan Began, TimeSpan Ended, string Through, string How);

/// <summary>What clients of a cluster saw, all by one clock that never goes back.</summary>
internal sealed class History
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public ConcurrentQueue<Answer> Answers { get; } = [];

    public ConcurrentQueue<Failure> Failures { get; } = [];

    public TimeSpan Now => Stopwatch.GetElapsedTime(_started);
}
