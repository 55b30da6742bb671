using System.Text.Json;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Tests.Configuration;

public sealed class SeccompTests : IDisposable
{
    private readonly string _profile = Path.GetTempFileName();

    [Fact]
    public void A_profile_is_read_with_the_configuration_and_what_it_says_counts()
    {
        File.WriteAllText(_profile, """{ "defaultAction": "SCMP_ACT_ALLOW" }""");
        var first = Template();
        Assert.Equal(new SeccompProfile(_profile, """{ "defaultAction": "SCMP_ACT_ALLOW" }"""), first.Hardening.Seccomp);
        File.WriteAllText(_profile, """{ "defaultAction": "SCMP_ACT_ERRNO" }""");
        Assert.NotEqual(first.SpecHash, Template().SpecHash);
    }

    [Theory]
    [InlineData("", "is not JSON (line 1)")]
    [InlineData("{\n  \"defaultAction\": }", "is not JSON (line 2)")]
    [InlineData("[]", "has no defaultAction")]
    [InlineData("{ \"syscalls\": [] }", "has no defaultAction")]
    public void A_file_that_is_no_profile_is_refused(string text, string what)
    {
        File.WriteAllText(_profile, text);
        Assert.Equal(
            [$"instancer.challenges.pwn.seccomp: \"{_profile}\" {what}; allowed: the path of a seccomp profile in JSON, unconfined"],
            ConfigurationFile.Errors(Configuration()));
    }

    public void Dispose() => File.Delete(_profile);

    private string Configuration() => ConfigurationFile.WithChallenge($"{ConfigurationFile.Docker}, \"seccomp\": {JsonSerializer.Serialize(_profile)}");

    private DockerTemplate Template() =>
        Assert.IsType<DockerTemplate>(Assert.Single(ConfigurationFile.Loaded(Configuration()).Node.Challenges).Template);
}
