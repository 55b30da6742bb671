using System.Globalization;
using System.Text.Json;
using Instancer.Actors;
using Instancer.Gateway.Admin;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Commands;

/// <summary>What the <c>instances</c> commands do with the endpoint's answers.</summary>
internal static class InstancesClientCommands
{
    private static readonly string[] Headings = ["KEY", "CLIENT", "STATE", "SESSIONS", "WAITING", "CREATED", "EXPIRES", "ADDRESS", "LAST FAILURE"];

    /// <summary>Prints the instances.</summary>
    public static async Task<int> ListAsync(AdminClient client, bool json, CommandConsole console, CancellationToken cancellationToken)
    {
        var (instances, unanswered) = await client.ListAsync(cancellationToken).ConfigureAwait(false);
        if (json)
        {
            console.Output.WriteLine(JsonSerializer.Serialize(instances!, AdminJson.Default.IReadOnlyListInstanceView));
        }
        else if ((await client.ListNodesAsync(cancellationToken).ConfigureAwait(false)).Count > 1)
        {
            TextTable.Write(console.Output, ["NODE", .. Headings], instances!.Select(instance => (string[])[instance.Node, .. Row(instance)]));
        }
        else
        {
            TextTable.Write(console.Output, Headings, instances!.Select(Row));
        }

        return unanswered.Count == 0
            ? ExitCode.Done
            : console.Fail(ExitCode.Failed, $"no answer came from {string.Join(", ", unanswered)}: what they have is not shown");
    }

    /// <summary>Stops the instance that is meant.</summary>
    public static async Task<int> StopAsync(AdminClient client, string text, CommandConsole console, CancellationToken cancellationToken)
    {
        var (key, exitCode) = await FindAsync(client, text, console, cancellationToken).ConfigureAwait(false);
        if (key is not null)
        {
            var stopped = await client.StopAsync(key, cancellationToken).ConfigureAwait(false);
            console.Output.WriteLine($"stopped {stopped.Stopped}");
        }

        return exitCode;
    }

    /// <summary>Extends the instance that is meant.</summary>
    public static async Task<int> ExtendAsync(
        AdminClient client, string text, string durationText, CommandConsole console, CancellationToken cancellationToken)
    {
        if (!DurationText.TryParse(durationText, out var duration))
        {
            return console.Fail(
                ExitCode.Usage, $"{ConfigurationErrors.Show(durationText)} is not {ValueKinds.Duration.Noun}; allowed: {ValueKinds.Duration.Allowed}");
        }

        var (key, exitCode) = await FindAsync(client, text, console, cancellationToken).ConfigureAwait(false);
        if (key is not null)
        {
            var extended = await client.ExtendAsync(key, duration, cancellationToken).ConfigureAwait(false);
            console.Output.WriteLine($"{key} expires {Text(extended.ExpiresAt)}");
        }

        return exitCode;
    }

    private static async Task<(string? Key, int ExitCode)> FindAsync(
        AdminClient client, string text, CommandConsole console, CancellationToken cancellationToken)
    {
        if (text.Split('/') is not [{ Length: > 0 } challenge, { Length: > 0 } hash, { Length: > 0 } identifier])
        {
            return (null, console.Fail(ExitCode.Usage, $"{ConfigurationErrors.Show(text)} is not a key; allowed: CHALLENGE/HASH/IDENTIFIER, the hash may be cut short"));
        }

        var (instances, unanswered) = await client.ListAsync(cancellationToken).ConfigureAwait(false);
        var found = instances!.Where(instance => instance.Key.Split('/') is [var c, var h, var i]
            && c == challenge && h.StartsWith(hash, StringComparison.OrdinalIgnoreCase) && i == identifier).ToList();
        return found.Count == 1
            ? (found[0].Key, ExitCode.Done)
            : (null, console.Fail(ExitCode.Failed, found.Count == 0
                ? $"there is no instance {text}{(unanswered.Count == 0 ? "" : $" on the nodes that answered; no answer came from {string.Join(", ", unanswered)}")}"
                : $"{text} may mean {found.Count} instances; give more of the hash"));
    }

    private static string[] Row(InstanceView instance) =>
    [
        InstanceKey.TryParse(instance.Key, out var key) ? key.ToShortString() : instance.Key,
        instance.Client ?? "-",
        instance.State.ToString().ToLowerInvariant(),
        instance.Sessions.ToString(CultureInfo.InvariantCulture),
        instance.Waiting.ToString(CultureInfo.InvariantCulture),
        Text(instance.CreatedAt),
        Text(instance.ExpiresAt),
        instance.Address ?? "-",
        instance.LastFailure ?? "-",
    ];

    private static string Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture) ?? "-";
}
