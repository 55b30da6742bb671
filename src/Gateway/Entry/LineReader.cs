using Instancer.Actors.Connections;
using Instancer.Gate.Parsing;
using Instancer.Gateway.Net;

namespace Instancer.Gateway.Entry;

/// <summary>Reads a preamble that was typed, and not a byte of what is behind its line.</summary>
internal static class LineReader
{
    /// <summary>Reads the line. Never faulted; no copy of the token is left behind but the preamble's.</summary>
    public static async Task<PreambleOutcome> ReadAsync(IExactSocket socket, CancellationToken cancellationToken)
    {
        var bytes = new byte[LinePreamble.Longest];
        var received = 0;
        try
        {
            while (true)
            {
                switch (LinePreamble.Read(bytes.AsSpan(0, received)))
                {
                    case LinePreambleStep.Complete complete:
                        return new PreambleOutcome.Complete(complete.Preamble);
                    case LinePreambleStep.More { Count: var count }:
                        var came = await socket.ReadAsync(bytes.AsMemory(received, count), cancellationToken);
                        received += came;
                        if (came < count)
                        {
                            return new PreambleOutcome.Incomplete(received);
                        }

                        break;
                    default:
                        return new PreambleOutcome.Malformed();
                }
            }
        }
        finally
        {
            Array.Clear(bytes);
        }
    }
}
