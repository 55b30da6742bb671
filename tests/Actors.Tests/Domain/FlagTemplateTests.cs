using Instancer.Actors.Instances;

namespace Instancer.Actors.Tests.Domain;

public sealed class FlagTemplateTests
{
    [Theory]
    [InlineData("FLAG{{random}}", "FLAG{r32}")]
    [InlineData("{random:16}-{random:128}", "r16-r128")]
    [InlineData("{name}:{hmac}", "ann:h")]
    [InlineData("{hmac}{other}{name:3}{}", "h{other}{name:3}{}")]
    public void Places_are_filled_in_and_all_else_stays(string text, string flag)
    {
        var template = FlagTemplate.Parse(text, out var error);
        Assert.Null(error);
        Assert.Equal(flag, template!.Fill("ann", "h", length => $"r{length}"));
    }

    [Fact]
    public void What_is_filled_in_is_not_looked_at_again()
        => Assert.Equal("{hmac} h", FlagTemplate.Parse("{name} {hmac}", out _)!.Fill("{hmac}", "h", _ => ""));

    [Theory]
    [InlineData("FLAG{same}", "the same for many clients")]
    [InlineData("{name}", "the same for many clients")]
    [InlineData("{random:15}", "N from 16 to 128")]
    [InlineData("{random:129}", "N from 16 to 128")]
    [InlineData("{random:99999999999}", "N from 16 to 128")]
    [InlineData("{random}\n", "control character")]
    public void A_template_whose_flags_tell_nobody_apart_is_refused(string text, string why)
    {
        Assert.Null(FlagTemplate.Parse(text, out var error));
        Assert.Contains(why, error, StringComparison.Ordinal);
    }
}
