using Instancer.Actors.Connections;

namespace Instancer.Gateway.Net;

/// <summary>The session of a client that was gone before it began: the backend is told as it would be by the client.</summary>
internal sealed class LostSession : ISession
{
    /// <param name="backend">The backend, taken over.</param>
    public LostSession(IBackendSocket backend) => ((IDialledSocket)backend).Reset();

    public Task<SessionEnd> Completion { get; } = Task.FromResult(new SessionEnd(SessionEndCause.ClientReset, 0, 0));

    public long BytesRelayed => 0;

    public void Reset()
    {
        // It has ended.
    }
}
