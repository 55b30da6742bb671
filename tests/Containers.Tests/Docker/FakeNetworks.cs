using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Instancer.Containers.Tests.Docker;

/// <summary>The networks of a <see cref="FakeEngine"/>, which is as careless as Docker: it makes as many of one name as it is asked for, and then refuses the name.</summary>
internal sealed class FakeNetworks(string node)
{
    private readonly List<JsonObject> _all = [];

    /// <summary>A creation waits for it before it does anything.</summary>
    public Task CreateMayGoOn { get; set; } = Task.CompletedTask;

    /// <summary>The names of those on which the engine takes everybody to be already.</summary>
    public HashSet<string> Stale { get; } = [];

    /// <summary>Adds a network; gives its id.</summary>
    public string Add(string name, string? owner = null, params string[] members)
    {
        lock (_all)
        {
            var id = $"id-{_all.Count}";
            var its = new JsonObject(members.Select(member => KeyValuePair.Create<string, JsonNode?>(member, Member())));
            _all.Add(new JsonObject { ["Id"] = id, ["Name"] = name, ["Internal"] = true, ["Labels"] = new JsonObject { ["instancer.node"] = owner ?? node }, ["Containers"] = its });
            return id;
        }
    }

    /// <summary>The ids of those of the name.</summary>
    public string[] Of(string name)
    {
        lock (_all)
        {
            return [.. _all.Where(network => (string)network["Name"]! == name).Select(network => (string)network["Id"]!)];
        }
    }

    public async Task<(int Status, JsonNode Body)> AnswerAsync(HttpRequest request, string[] path)
    {
        var body = request.Method == "POST" ? JsonNode.Parse(await new StreamReader(request.Body).ReadToEndAsync())! : null;
        if (path is ["networks", "create"])
        {
            await CreateMayGoOn;
            return (201, new JsonObject { ["Id"] = Add((string)body!["Name"]!) });
        }

        lock (_all)
        {
            if (path is ["networks"])
            {
                return (200, new JsonArray([.. _all.Select(network => network.DeepClone())]));
            }

            var found = _all.Where(network => (string)network["Id"]! == path[1] || (string)network["Name"]! == path[1]).ToList();
            return found switch
            {
                [] => (404, Said($"network {path[1]} not found")),
                [var one] when request.Method == "DELETE" => _all.Remove(one) ? (204, Said("")) : throw new InvalidOperationException(),
                [var one] when path is [_, _, "connect"] => Connect(one, (string)body!["Container"]!),
                [var one] => (200, one.DeepClone()),
                _ => (400, Said($"network {path[1]} is ambiguous ({found.Count} matches found on name)")),
            };
        }
    }

    private (int Status, JsonNode Body) Connect(JsonObject network, string container)
    {
        var its = (JsonObject)network["Containers"]!;
        if (its.ContainsKey(container) || Stale.Contains((string)network["Name"]!))
        {
            return (403, Said($"endpoint with name gateway already exists in network {network["Name"]}"));
        }

        its[container] = Member();
        return (200, new JsonObject());
    }

    private static JsonObject Member() => new() { ["IPv4Address"] = "127.0.0.1/8" };

    private static JsonObject Said(string message) => new() { ["message"] = message };
}
