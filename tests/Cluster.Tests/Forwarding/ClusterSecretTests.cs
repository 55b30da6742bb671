using System.Text;
using Instancer.Cluster.Forwarding;

namespace Instancer.Cluster.Tests.Forwarding;

public sealed class ClusterSecretTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("instancer-secret-").FullName;

    private string File => Path.Combine(_folder, "secret");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \r\n\t ", "is empty")]
    [InlineData("0123456789012345678901234567890", "has 31 bytes, and a secret 32 or more")]
    [InlineData("  0123456789012345678901234567890\n", "has 31 bytes, and a secret 32 or more")]
    public void What_is_no_secret_is_one_line_that_says_how_to_make_one(string contents, string problem)
    {
        System.IO.File.WriteAllText(File, contents);
        AssertError(ClusterSecret.Read(File), problem);
    }

    [Fact]
    public void No_file_a_directory_and_one_that_never_ends_are_one_line_too()
    {
        AssertError(ClusterSecret.Read(File), "does not exist");
        AssertError(ClusterSecret.Read(Path.Combine(File, "below")), "does not exist", Path.Combine(File, "below"));
        AssertError(ClusterSecret.Read(_folder), "cannot be read: this user may not, or it is a directory", _folder);
        System.IO.File.WriteAllBytes(File, new byte[65 * 1024]);
        AssertError(ClusterSecret.Read(File), "has more than 65536 bytes");
    }

    [Fact]
    public void White_space_at_both_ends_does_not_count_and_every_other_byte_does()
    {
        var secret = Secrets.Text('a');
        AssertSame(true, secret, Secrets.Of(_folder, $" \t{secret}\r\n"));
        AssertSame(false, secret, Secrets.Of(_folder, secret + "b"));
        AssertSame(false, secret, Secrets.Of(_folder, "b" + secret[1..]));
        AssertSame(false, secret, Secrets.Of(_folder, secret[..16] + " " + secret[16..]));
    }

    [Fact]
    public void It_does_not_show_itself() => Assert.DoesNotContain("aaaa", Secrets.Of('a').ToString(), StringComparison.Ordinal);

    private void AssertSame(bool same, string first, ClusterSecret second)
    {
        var (accepting, dialling) = (new AcceptingEnd(Secrets.Of(_folder, first), "b"), new DiallingEnd(second));
        Assert.True(dialling.TryReadHello(accepting.Hello(), out _));
        var request = dialling.Request(PeerKind.List, "b", Encoding.ASCII.GetBytes("{}"))!;
        Assert.Equal(same, Talk.TryRead(accepting, request, out _, out _));
    }

    private void AssertError((ClusterSecret? Secret, string? Error) read, string problem, string? path = null)
    {
        path ??= File;
        Assert.Null(read.Secret);
        Assert.Equal(
            $"The cluster's secret: {path} {problem}. Make one with: head -c 32 /dev/urandom | base64 > {path}; every node of the cluster needs the same.", read.Error);
    }
}
