using System.Buffers.Binary;
using System.Globalization;
using Instancer.Actors;
using Instancer.Actors.Connections;

namespace Instancer.TestKit.Simulation;

/// <summary>A client, and its socket as the gateway sees it.</summary>
internal sealed class FakeClient(int number, string challenge, int token, ushort identifier, SimulationState state) : ISimulatedClient
{
    private readonly TaskCompletionSource _reset = new();
    private TaskCompletionSource<PreambleOutcome>? _preamble;
    private TaskCompletionSource<bool>? _pass;
    private byte[] _bytes = [];

    public string RemoteAddress { get; } = number.ToString(CultureInfo.InvariantCulture);

    public string Challenge => challenge;

    public ushort Identifier => identifier;

    public InstanceKey Key { get; } = new(challenge, TokenHash.Of(TokenBytes(token)), identifier);

    /// <summary>When the gateway took it from the backlog; null before.</summary>
    public DateTimeOffset? AcceptedAt { get; set; }

    /// <summary>The token's backends when the preamble was whole, as far as the node knew of them.</summary>
    public IReadOnlyList<FakeBackend> EarlierBackends { get; private set; } = [];

    public ISimulatedSession? Session { get; set; }

    public FakeClient Origin => this;

    /// <summary>Whether nobody is at the other end any more.</summary>
    public bool HasVanished { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>Whether it still has to do what it was asked before its preamble.</summary>
    public bool AwaitsPass => _pass is { Task.IsCompleted: false } && !IsClosed;

    /// <summary>Whether it has not said yet what it wants.</summary>
    public bool IsOpening => AwaitsPass || AwaitsPreamble;

    /// <summary>Whether its preamble is kept when it is of no use any more.</summary>
    public bool HoldsPreamble => (IsClosed || Session is not null) && Array.Exists(_bytes, value => value != 0);

    public bool AwaitsPreamble => _preamble is { Task.IsCompleted: false } && !IsClosed;

    public static DateTimeOffset Now(SimulationState state) => new(state.Time.GetTimestamp(), TimeSpan.Zero);

    public static byte[] TokenBytes(int token)
    {
        var bytes = new byte[Preamble.TokenLength];
        BinaryPrimitives.WriteInt32BigEndian(bytes, token);
        return bytes;
    }

    public ValueTask<bool> PassAsync(CancellationToken cancellationToken)
    {
        if (!state.HasGate || state.Random.Chance(0.7))
        {
            return new(true);
        }

        state.MayThrow();
        _pass = new TaskCompletionSource<bool>();
        cancellationToken.Register(() => _pass.TrySetResult(false));
        return new(_pass.Task);
    }

    public void Notify(ClientNotice notice)
    {
        // Nobody stands in front of it.
    }

    public Task<PreambleOutcome> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        state.MayThrow();
        state.Check(7, _pass is null or { Task: { IsCompletedSuccessfully: true, Result: true } }, () => $"client {RemoteAddress} has not done what it was asked, and is asked for its preamble");
        _preamble = new TaskCompletionSource<PreambleOutcome>();
        cancellationToken.Register(() => _preamble.TrySetResult(new PreambleOutcome.Incomplete(0)));
        return _preamble.Task;
    }

    public Task WaitForResetAsync(CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource();
        cancellationToken.Register(() => ended.TrySetCanceled(cancellationToken));
        _reset.Task.ContinueWith(
            _ => ended.TrySetResult(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return ended.Task;
    }

    /// <summary>It does what it was asked, or does it badly; or whoever asked fails.</summary>
    public void EndPass(bool isPassed, Exception? failure = null)
    {
        if (failure is not null)
        {
            _pass!.TrySetException(failure);
        }
        else
        {
            _pass!.TrySetResult(isPassed);
        }
    }

    public void SendPreamble(IEnumerable<FakeBackend> backends)
    {
        var bytes = _bytes = new byte[Preamble.Length];
        TokenBytes(token).CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(Preamble.TokenLength), identifier);
        EarlierBackends = [.. backends.Where(backend =>
            backend is { IsKnown: true, IsNobodys: false } && backend.Owner.Challenge == challenge && backend.Owner.Token == Key.Token)];
        _preamble!.TrySetResult(new PreambleOutcome.Complete(new Preamble(bytes)));
    }

    public void EndBeforePreamble(int received) => _preamble!.TrySetResult(new PreambleOutcome.Incomplete(received));

    /// <summary>The client goes away, wherever it is.</summary>
    public void Vanish()
    {
        HasVanished = true;
        _pass?.TrySetResult(false);
        _preamble?.TrySetResult(new PreambleOutcome.Incomplete(0));
        _reset.TrySetResult();
        Session?.End(SessionEndCause.ClientReset);
    }

    public void SessionEnded(SessionEndCause cause) => Dispose();

    public void Reset() => IsClosed = true;

    public void Dispose() => IsClosed = true;
}
