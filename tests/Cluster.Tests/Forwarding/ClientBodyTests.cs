using Instancer.Actors;
using Instancer.Actors.Connections;
using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

public sealed class ClientBodyTests
{
    private static readonly ForwardRequest Sample =
        new(new InstanceKey("pwn", TokenHash.Of("a token"u8), 65535), "jürgen 名前 🦊", "[2001:db8::1]:54321");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("alice")]
    [InlineData("jürgen 名前 🦊")]
    public void What_is_written_is_read(string? client)
    {
        var request = Sample with { Client = client };

        Assert.True(ClientBody.TryRead(ClientBody.Write(request), out var read));
        Assert.Equal(request, read);
    }

    [Fact]
    public void Cut_at_any_place_or_with_a_byte_too_many_it_is_none()
    {
        var body = ClientBody.Write(Sample)!;
        for (var length = 0; length < body.Length; length++)
        {
            Assert.False(ClientBody.TryRead(body.AsSpan(0, length), out _), $"{length} bytes of {body.Length}");
        }

        Assert.False(ClientBody.TryRead([.. body, 0], out _));
    }

    [Fact]
    public void A_text_that_is_none_is_not_written_and_not_read()
    {
        Assert.Null(ClientBody.Write(Sample with { Client = "half a fox: \ud83e" }));
        Assert.Null(ClientBody.Write(Sample with { Client = new string('x', PeerProtocol.LongestClient + 1) }));
        Assert.Null(ClientBody.Write(Sample with { Key = Sample.Key with { Challenge = new string('x', 70_000) } }));
        var body = ClientBody.Write(Sample)!;
        body[2] = 0xff;
        Assert.False(ClientBody.TryRead(body, out _));
    }

    [Fact]
    public void A_challenge_and_an_address_there_must_be()
    {
        var noChallenge = ClientBody.Write(Sample)!;
        noChallenge[0] = noChallenge[1] = 0xff;
        Assert.False(ClientBody.TryRead([0xff, 0xff, .. noChallenge.AsSpan(5)], out _));
        var body = ClientBody.Write(Sample with { RemoteAddress = "" })!;
        Assert.True(ClientBody.TryRead(body, out _));
        body[^1] = body[^2] = 0xff;
        Assert.False(ClientBody.TryRead(body, out _));
    }

    [Fact]
    public void Whatever_a_client_is_called_it_comes_through_and_whatever_bytes_come_nothing_breaks()
    {
        const int Seed = 20_260_711;
        var random = new Random(Seed);
        for (var i = 0; i < 5000; i++)
        {
            var token = new byte[20];
            random.NextBytes(token);
            var key = new InstanceKey(Text(random), TokenHash.Of(token), (ushort)random.Next(65536));
            var request = new ForwardRequest(key, random.Next(4) == 0 ? null : Text(random), Text(random));
            var body = ClientBody.Write(request);
            Assert.NotNull(body);
            Assert.True(ClientBody.TryRead(body, out var read), $"seed {Seed}, round {i}: {request}");
            Assert.Equal(request, read);

            // A changed body may be another request, but what is read is what would be written.
            body[random.Next(body.Length)] = (byte)random.Next(256);
            if (ClientBody.TryRead(body, out read))
            {
                Assert.Equal(body, ClientBody.Write(read));
            }
        }
    }

    // Of one to four bytes each, and no half characters.
    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(4) switch
        {
            0 => ((char)random.Next(0, 0x80)).ToString(),
            1 => ((char)random.Next(0x80, 0x800)).ToString(),
            2 => ((char)random.Next(0x800, 0xd800)).ToString(),
            _ => char.ConvertFromUtf32(random.Next(0x10000, 0x110000)),
        }));
}
