using System.Net;
using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Hosting;

/// <summary>Opens the listeners of all challenges, or of none.</summary>
internal static class Listeners
{
    /// <summary>The listeners by their challenges' names, or an error in one line.</summary>
    public static (IReadOnlyDictionary<string, IListener>? Listeners, string? Error) Open(NodeOptions options, ITransport transport)
    {
        Dictionary<string, IListener> listeners = [];
        foreach (var challenge in options.Challenges)
        {
            try
            {
                listeners.Add(challenge.Name, transport.Listen(IPAddress.Parse(options.Gateway.Listen), challenge.Port));
            }
            catch (ListenFailedException e)
            {
                foreach (var listener in listeners.Values)
                {
                    listener.Dispose();
                }

                return (null, $"challenge {challenge.Name}: {e.Message}");
            }
        }

        return (listeners, null);
    }
}
