using System.CommandLine;
using System.Text;
using Instancer.Gate.Files;
using Instancer.Gate.Tokens;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer token sign</c> and <c>instancer token key new</c>: tokens that a node accepts because of their signature, without knowing them.</summary>
internal static class SigningCommands
{
    // Without an end a token that is lost could be stopped by a new key only, and that stops all.
    private static readonly TimeSpan DefaultExpiry = TimeSpan.FromDays(30);

    /// <summary>The command that signs.</summary>
    public static Command Sign(CommandConsole console, TimeProvider time)
    {
        var name = new Argument<string>("NAME") { Description = "The client's name." };
        var keyFile = KeyFile("The key file; its last key that can sign does.");
        var challenges = new Option<string?>("--challenges") { Description = "The challenges it is for, with commas between. Default: all.", HelpName = "A,B" };
        var expires = new Option<string?>("--expires")
        {
            Description = "How long it is accepted, hh:mm:ss, or until when: a date, or a date and time, in UTC. Default: 720:00:00.",
            HelpName = "DURATION|DATE",
        };
        var rawOut = new Option<string?>("--raw-out") { Description = "Write the token to this file and do not print it.", HelpName = "FILE" };
        var sign = new Command("sign", "Sign a token for a client, and print it: nothing is kept of it.") { name, keyFile, challenges, expires, rawOut };
        sign.SetAction(result => Sign(
            result.GetRequiredValue(name),
            result.GetRequiredValue(keyFile),
            result.GetValue(challenges),
            ExpiryText.Read(result.GetValue(expires), DefaultExpiry, time.GetUtcNow()),
            result.GetValue(rawOut),
            console));
        return sign;
    }

    /// <summary>The command that makes keys.</summary>
    public static Command Key(CommandConsole console)
    {
        var keyFile = KeyFile("The key file; made if it is missing.");
        var kind = new Option<string>("--kind")
        {
            Description = $"{HmacKey.Name}: who checks tokens can make them; {EcdsaKey.Name}: who has the public key can only check them.",
            DefaultValueFactory = _ => HmacKey.Name,
        };
        kind.AcceptOnlyFromAmong(HmacKey.Name, EcdsaKey.Name);
        var publicOut = new Option<string?>("--public-out")
        {
            Description = $"Add the public key to this key file, for the nodes. With {EcdsaKey.Name} only.",
            HelpName = "FILE",
        };
        var create = new Command("new", "Make a key and add it to a key file; it signs from now on, and those before it still count.") { keyFile, kind, publicOut };
        create.SetAction(result => New(result.GetRequiredValue(keyFile), result.GetRequiredValue(kind), result.GetValue(publicOut), console));
        return new Command("key", "Manage the keys of signed tokens.") { create };
    }

    private static Option<string> KeyFile(string description) => new("--key-file") { Description = description, HelpName = "F", Required = true };

    private static int Sign(string name, string keyFile, string? challenges, DateTimeOffset? end, string? rawOut, CommandConsole console)
    {
        var wanted = challenges?.Split(',') ?? [];
        if (!ClientName.IsValid(name))
        {
            return console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(name)} is not a client's name; allowed: {ClientName.Allowed}");
        }

        if (wanted.FirstOrDefault(challenge => !ChallengeReader.IsName(challenge)) is { } other)
        {
            return console.Fail(ExitCode.Usage, $"--challenges: {ConfigurationErrors.Show(other)} is not a challenge's name; allowed: {ChallengeReader.AllowedNames}");
        }

        if (end is not { } expires)
        {
            return console.Fail(ExitCode.Usage, $"--expires: allowed: {ExpiryText.Allowed}");
        }

        var (keys, error) = SigningKeys.Parse(File.ReadAllBytes(keyFile));
        if (keys is null)
        {
            return console.Fail(ExitCode.Failed, $"{keyFile}: {error}");
        }

        if (keys.Signer is not { } signer)
        {
            return console.Fail(ExitCode.Failed, $"{keyFile} has no key that can sign");
        }

        (var token, error) = SigningKeys.Sign(signer, name, wanted, expires);
        if (token is null)
        {
            return console.Fail(ExitCode.Failed, error!);
        }

        if (rawOut is not null)
        {
            SecretFile.Replace(rawOut, token);
        }
        else
        {
            console.Output.WriteLine(Encoding.ASCII.GetString(token));
        }

        console.Error.WriteLine($"{name}'s token is signed with key {signer.Id} and accepted until {expires:yyyy-MM-dd HH:mm:ss}Z, for {(wanted.Length == 0 ? "all challenges" : challenges)}.");
        return ExitCode.Done;
    }

    private static int New(string keyFile, string kind, string? publicOut, CommandConsole console)
    {
        if (publicOut is not null && kind != EcdsaKey.Name)
        {
            return console.Fail(ExitCode.Usage, $"a key of {kind} has no public part; --public-out goes with --kind {EcdsaKey.Name}");
        }

        var text = File.Exists(keyFile) ? File.ReadAllText(keyFile) : "";
        var (keys, error) = SigningKeys.Parse(Encoding.UTF8.GetBytes(text));
        if (keys is null)
        {
            return console.Fail(ExitCode.Failed, $"{keyFile}: {error}");
        }

        if (keys.NextId is not { } id)
        {
            return console.Fail(ExitCode.Failed, $"{keyFile} has a key 65535 already: there is no number for one more");
        }

        SigningKey key = kind == EcdsaKey.Name ? EcdsaKey.New(id) : HmacKey.New(id);
        Append(keyFile, text, key.ToLine(isPublic: false));
        if (publicOut is not null)
        {
            Append(publicOut, File.Exists(publicOut) ? File.ReadAllText(publicOut) : "", key.ToLine(isPublic: true));
        }

        console.Error.WriteLine($"Key {id} is in {keyFile}{(publicOut is null ? "" : $", its public part in {publicOut}")}.");
        return ExitCode.Done;
    }

    private static void Append(string file, string text, string line) =>
        SecretFile.Replace(file, Encoding.UTF8.GetBytes($"{text}{(text.Length == 0 || text.EndsWith('\n') ? "" : "\n")}{line}\n"));
}
