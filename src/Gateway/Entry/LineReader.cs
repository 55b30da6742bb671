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
                        // What there is: a line that is too short is seen when it ends, and whoever typed it does not wait for its deadline.
                        var came = await socket.ReadSomeAsync(bytes.AsMemory(received, count), cancellationToken);
                        if (came <= 0)
                        {
                            return new PreambleOutcome.Incomplete(received);
                        }

                        received += came;
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
