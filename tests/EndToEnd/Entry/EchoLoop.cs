using System.Security.Cryptography;
using Instancer.EndToEnd.Backends;
using Instancer.EndToEnd.Nodes;
using Instancer.TestKit.Docker;
using Instancer.TestKit.Net;

namespace Instancer.EndToEnd.Entry;

/// <summary>A client that sends bytes without a pause and sees that each comes back, until it is told to end in order.</summary>
internal sealed class EchoLoop
{
    /// <summary>How much is sent at once.</summary>
    public const int LineLength = 4096;

    private int _passed;

    private EchoLoop(RawSocket client, Task stop) => Completion = RunAsync(client, stop);

    /// <summary>How many times it passed; faulted if a byte was lost or the session ended by itself.</summary>
    public Task<int> Completion { get; }

    /// <summary>Opens the session.</summary>
    public static async Task<EchoLoop> StartAsync(TestNode node, TestToken token, int identifier, Task stop)
    {
        var client = await node.ConnectAsync(token, identifier + 1);
        Assert.Equal("ready", await client.AskAsync(Backend.Echo + "\nready"));
        return new EchoLoop(client, stop);
    }

    /// <summary>Ends when it has passed once more, all of it after the call.</summary>
    public async Task GoesOnAsync()
    {
        var before = Volatile.Read(ref _passed);
        await Until.TrueAsync(
            async () =>
            {
                if (Completion.IsCompleted)
                {
                    await Completion;
                }

                return Volatile.Read(ref _passed) > before + 1;
            },
            stated: "the session echoes");
    }

    private async Task<int> RunAsync(RawSocket client, Task stop)
    {
        using (client)
        {
            while (!stop.IsCompleted)
            {
                var bytes = RandomNumberGenerator.GetBytes(LineLength);
                await client.SendAsync(bytes);
                Assert.Equal(bytes, await client.ReceiveAsync(LineLength));
                Interlocked.Increment(ref _passed);
            }

            client.EndSending();
            await client.ExpectEndAsync();
            return _passed;
        }
    }
}
