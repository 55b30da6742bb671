using System.Runtime.CompilerServices;
using Instancer.Gate.Tokens;

namespace Instancer.Gate.Tests.Tokens;

/// <summary>The example of a further authenticator, which is <see cref="WordOfTheHour"/>, is what the documentation shows, and works.</summary>
public sealed class DocumentedExampleTests
{
    [Fact]
    public async Task The_documentation_shows_the_class_that_is_compiled()
    {
        var shown = (await File.ReadAllTextAsync(Beside("../../../docs/authenticators.md"))).Split("```csharp\n")[1].Split("```")[0];
        Assert.EndsWith(shown, await File.ReadAllTextAsync(Beside("WordOfTheHour.cs")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_accepts_the_word_and_nothing_else()
    {
        var chain = new AuthenticatorChain(() => new Authenticators([new WordOfTheHour(() => HttpAuthenticatorRig.Token("word"))], []));
        Assert.Equal("guest", (await chain.AuthenticateAsync(new("pwn", "192.0.2.1:1", HttpAuthenticatorRig.Token("word")), default)).Client?.Name);
        Assert.Null((await chain.AuthenticateAsync(new("pwn", "192.0.2.1:1", HttpAuthenticatorRig.Token("other")), default)).Client);
    }

    private static string Beside(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, path);
}
