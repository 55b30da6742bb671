using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Instancer.Gate.Tokens;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>What a service may answer.</summary>
public sealed class HttpAnswerTests
{
    private static readonly string[] Pieces =
        ["{", "}", "[", "]", "\"name\"", "\"", ":", ",", "null", "true", "1e999", "\"ann\"", "\\u0000", "\\ud800", "\\", " ", "\u00e4", "\ud83d\ude00", "//", "\0", "\u007f", "name", "{\"name\":\"ann\"}"];

    [Theory]
    [InlineData("""{"name":"ann"}""")]
    [InlineData(""" { "team": { "id": [1, 2] }, "name": "ann" } """)]
    [InlineData("""{"name":"\u0061nn"}""")]
    public void A_name_is_read(string body)
    {
        Assert.True(HttpAnswer.TryParse(Encoding.UTF8.GetBytes(body), out var name));
        Assert.Equal("ann", name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"ann\"")]
    [InlineData("{}")]
    [InlineData("""{"name":null}""")]
    [InlineData("""{"name":1}""")]
    [InlineData("""{"name":""}""")]
    [InlineData("""{"name":"a b"}""")]
    [InlineData("""{"name":"#a"}""")]
    [InlineData("""{"name":"a\nb"}""")]
    [InlineData("""{"name":"a\u001b[2J"}""")]
    [InlineData("""{"name":"\ud800"}""")]
    [InlineData("""{"name":"änn"}""")]
    [InlineData("""{"Name":"ann"}""")]
    [InlineData("""{"name":"ann","name":"bob"}""")]
    [InlineData("""{"name":"ann"} x""")]
    [InlineData("""{"name":"ann",}""")]
    [InlineData("""{"name":"ann"}{"name":"bob"}""")]
    [InlineData("""{"name":"0123456789012345678901234567890123456789012345678901234567890123x"}""")]
    public void Anything_else_is_no_answer(string body)
    {
        Assert.False(HttpAnswer.TryParse(Encoding.UTF8.GetBytes(body), out var name));
        Assert.Equal("", name);
    }

    [Fact]
    public void What_is_too_long_or_too_deep_is_no_answer()
    {
        Assert.False(HttpAnswer.TryParse(Encoding.UTF8.GetBytes($$"""{"name":"ann","x":"{{new string('x', HttpAnswer.Longest)}}"}"""), out _));
        Assert.False(HttpAnswer.TryParse(Encoding.UTF8.GetBytes($$"""{"name":"ann","x":{{new string('[', 17)}}{{new string(']', 17)}}}"""), out _));
    }

    [Fact]
    public void It_never_throws_and_never_gives_a_name_that_is_none()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(20_000));
        Prop.ForAll(
            Gen.Elements(Pieces).ArrayOf().Select(pieces => Encoding.UTF8.GetBytes(string.Concat(pieces))).ToArbitrary(),
            Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(30_000));
    }

    private static bool Holds(byte[] body) => HttpAnswer.TryParse(body, out var name) ? ClientName.IsValid(name) : name.Length == 0;
}
