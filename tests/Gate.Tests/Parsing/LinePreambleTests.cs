using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Actors.Connections;
using Instancer.Gate.Parsing;

namespace Instancer.Gate.Tests.Parsing;

public sealed class LinePreambleTests
{
    private static readonly string Token = string.Concat(Enumerable.Range(0, Preamble.TokenLength).Select(i => (char)('!' + (i % 94))));

    [Theory]
    [InlineData("\n", 1)]
    [InlineData("\r\n", 1)]
    [InlineData(" 0\n", 0)]
    [InlineData(" 7\n", 7)]
    [InlineData(" 7\r\n", 7)]
    [InlineData(" 00007\n", 7)]
    [InlineData(" 65535\r\n", 65535)]
    public void A_line_is_a_token_and_an_identifier_or_none(string end, int identifier)
    {
        var complete = Assert.IsType<LinePreambleStep.Complete>(LinePreamble.Read(Bytes(Token + end + "payload")));

        Assert.Equal(Token.Length + end.Length, complete.Length);
        Assert.Equal(Bytes(Token), complete.Preamble.Token);
        Assert.Equal(identifier, complete.Preamble.Identifier);
    }

    [Theory]
    [InlineData(" \n")]
    [InlineData(" +1\n")]
    [InlineData(" -1\n")]
    [InlineData(" 65536\n")]
    [InlineData(" 000001\n")]
    [InlineData(" 1 \n")]
    [InlineData("  1\n")]
    [InlineData(" 1\r\r\n")]
    [InlineData("\rx")]
    [InlineData("\t1\n")]
    [InlineData("x\n")]
    [InlineData(" 1x\n")]
    [InlineData("\0")]
    public void A_line_that_ends_in_anything_else_is_none(string end) => Assert.IsType<LinePreambleStep.Malformed>(LinePreamble.Read(Bytes(Token + end)));

    [Theory]
    [InlineData(0, '\n')]
    [InlineData(127, ' ')]
    [InlineData(64, '\x7F')]
    [InlineData(64, '\x80')]
    [InlineData(64, '\xFF')]
    [InlineData(64, '\0')]
    public void A_token_of_other_bytes_is_none_as_soon_as_one_has_come(int at, char other)
    {
        var bytes = Encoding.Latin1.GetBytes(Token.Remove(at, 1).Insert(at, other.ToString()) + "\n");

        Assert.IsType<LinePreambleStep.Malformed>(LinePreamble.Read(bytes.AsSpan(0, at + 1)));
        Assert.IsType<LinePreambleStep.Malformed>(LinePreamble.Read(bytes));
    }

    [Fact]
    public void Split_anywhere_it_asks_for_no_more_than_is_missing() =>
        Prop.ForAll(Gen.Choose(0, ushort.MaxValue).ToArbitrary(), Gen.Elements("\n", "\r\n").ToArbitrary(), (identifier, end) =>
        {
            var line = Bytes(Token + " " + identifier.ToString(CultureInfo.InvariantCulture) + end);
            return Enumerable.Range(0, line.Length).All(i => LinePreamble.Read(line.AsSpan(0, i)) is LinePreambleStep.More { Count: var count } && count >= 1 && count <= line.Length - i)
                && LinePreamble.Read(line) is LinePreambleStep.Complete complete && complete.Length == line.Length && complete.Preamble.Identifier == identifier;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_preamble_has_bytes_of_its_own()
    {
        var line = Bytes(Token + " 7\n");
        var preamble = Assert.IsType<LinePreambleStep.Complete>(LinePreamble.Read(line)).Preamble;

        Array.Clear(line);

        Assert.Equal(Bytes(Token), preamble.Token);
        Assert.Equal(7, preamble.Identifier);
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);
}
