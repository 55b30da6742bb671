namespace Instancer.Gateway.Tests.Configuration;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("{\n  \"instancer\": {\n    \"node\": \"a\",\n    \"node\": \"b\"\n  }\n}", ":4:5: duplicate key instancer.node")]
    [InlineData("{\n  \"instancer\": {\n    \"node\": \"a\",\n    \"Node\": \"b\"\n  }\n}", ":4:5: duplicate key instancer.Node")]
    [InlineData("{\n  \"instancer\": { \"challenges\": { \"a\": { }, \"a\": { } } }\n}", ":2:44: duplicate key instancer.challenges.a")]
    [InlineData("{\n  \"instancer\": {\n    \"node\" \"a\"\n  }\n}", ":3:12: not JSON: ")]
    [InlineData("{\n  \"instancer\": {", ":2:17: not JSON: ")]
    [InlineData("", ":1:1: not JSON: ")]
    [InlineData("[1]", ":1:1: the file is not an object; it begins with { and ends with }")]
    [InlineData("{ } { }", ":1:5: not JSON: ")]
    public void An_error_in_the_file_is_one_line_with_its_place(string json, string error)
    {
        using var file = new ConfigurationFile(json);
        var line = Assert.Single(ConfigurationFile.Errors(json));
        Assert.Contains(error, line, StringComparison.Ordinal);
        Assert.Contains("test.conf:", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void Comments_trailing_commas_and_a_byte_order_mark_are_allowed()
    {
        var json = "\uFEFF// a comment\n" + ConfigurationFile.WithSample("/* another */ \"node\": \"n\", \"ports\": { \"first\": 1, \"last\": 2, },");
        Assert.Equal("n", ConfigurationFile.Loaded(json).Node.Node);
    }

    [Fact]
    public void A_file_that_is_not_there_is_one_error()
    {
        var error = Assert.Single(ConfigurationFile.Errors("{}", request => request with { File = "/no/such.conf" }));
        Assert.StartsWith("/no/such.conf: cannot be read: ", error, StringComparison.Ordinal);
    }
}
