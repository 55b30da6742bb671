using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Instancer.Actors;
using Instancer.Gate.Files;
using Instancer.Gate.Tokens;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Tokens;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer token</c>: changes the tokens file, which a running node takes up, and signs tokens.</summary>
internal static class TokenCommands
{
    /// <summary>The commands.</summary>
    public static Command Command(CommandConsole console, Func<ParseResult, ConfigurationRequest> request)
    {
        var name = new Argument<string>("NAME") { Description = "The client's name." };
        var rawOut = new Option<string?>("--raw-out") { Description = "Write the token to this file and do not print it.", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };

        var create = new Command("new", "Make a token for a client, accept it from now on, and print it: only its hash is kept.") { name, rawOut };
        create.SetAction(result => WithFile(console, request(result), file =>
            New(file, result.GetRequiredValue(name), result.GetValue(rawOut), console)));
        var list = new Command("list", "List the accepted tokens.") { json };
        list.SetAction(result => WithFile(console, request(result), file => List(file, result.GetValue(json), console)));
        var revoke = new Command("revoke", "Accept a client's tokens no more. Sessions that run go on.") { name };
        revoke.SetAction(result => WithFile(console, request(result), file => Revoke(file, result.GetRequiredValue(name), console)));
        return new Command("token", "Manage the accepted tokens.") 
        {
            create, list, revoke, SigningCommands.Sign(console, TimeProvider.System), SigningCommands.Key(console),
        };
    }

    private static int WithFile(CommandConsole console, ConfigurationRequest request, Func<string, int> run) =>
        ConfigurationReader.Read(request).TryGet(out var configuration, out var errors)
            ? run(configuration.Settings.TokensFile)
            : console.Refuse(errors);

    private static int New(string file, string name, string? rawOut, CommandConsole console)
    {
        if (!ClientName.IsValid(name))
        {
            return console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(name)} is not a client's name; allowed: {ClientName.Allowed}");
        }

        var token = TokenText.New();
        if (!TokensFileEditor.TryAdd(file, name, TokenHash.Of(token)))
        {
            return console.Fail(ExitCode.Failed, $"{name} has a token in {file} already; revoke it first");
        }

        if (rawOut is not null)
        {
            SecretFile.Replace(rawOut, token);
            console.Error.WriteLine($"{name} is in {file}, the token in {rawOut}.");
            return ExitCode.Done;
        }

        console.Output.WriteLine(Encoding.ASCII.GetString(token));
        console.Error.WriteLine($"{name} is in {file}. This is the only time that the token is shown.");
        return ExitCode.Done;
    }

    private static int List(string file, bool json, CommandConsole console)
    {
        var contents = File.Exists(file) ? File.ReadAllBytes(file) : [];
        var tokens = TokenSet.Parse(contents, (line, error) => console.Error.WriteLine($"{file}:{line}: {error}"));
        var clients = tokens.Clients.OrderBy(client => client.Name, StringComparer.Ordinal).ToList();
        if (json)
        {
            IReadOnlyList<TokenView> views = [.. clients.Select(client => new TokenView(client.Name, client.Token.ToString()))];
            console.Output.WriteLine(JsonSerializer.Serialize(views, TokenJson.Default.IReadOnlyListTokenView));
            return ExitCode.Done;
        }

        TextTable.Write(console.Output, ["NAME", "SHA256"], clients.Select(client => new[] { client.Name, client.Token.ToShortString() }));
        return ExitCode.Done;
    }

    private static int Revoke(string file, string name, CommandConsole console)
    {
        if (!TokensFileEditor.TryRemove(file, name))
        {
            return console.Fail(ExitCode.Failed, $"{name} has no token in {file}");
        }

        console.Error.WriteLine($"{name} is accepted no more.");
        return ExitCode.Done;
    }
}

/// <summary>An accepted token, as <c>token list --json</c> shows it.</summary>
/// <param name="Name">The client's name.</param>
/// <param name="Sha256">The token's hash.</param>
internal sealed record TokenView(string Name, string Sha256);

/// <summary>The JSON of <c>token list</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<TokenView>))]
internal sealed partial class TokenJson : JsonSerializerContext;
