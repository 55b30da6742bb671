using System.Text.Json.Nodes;
using Instancer.TestKit.Docker;

namespace Instancer.EndToEnd.Nodes;

/// <summary>Challenges as the configuration has them.</summary>
internal static class Challenges
{
    /// <summary>The tests' own backend; <paramref name="words"/> follow the port.</summary>
    public static JsonObject Backend(params string[] words) => Process([Path.Combine(AppContext.BaseDirectory, "Instancer.EndToEnd"), "{port}", .. words]);

    /// <summary>The built-in sample.</summary>
    public static JsonObject Sample() => Process(["instancer", "sample-challenge", "--port", "{port}"]);

    /// <summary>A script of the shell, which has the port as <c>$1</c> and the path of the tests' backend as <c>$2</c>.</summary>
    public static JsonObject Shell(string script) =>
        Process(["/bin/sh", "-c", script, "sh", "{port}", Path.Combine(AppContext.BaseDirectory, "Instancer.EndToEnd")]);

    public static JsonObject Process(string[] command) => new()
    {
        ["port"] = 0,
        ["runtime"] = "process",
        ["command"] = new JsonArray([.. command.Select(word => JsonValue.Create(word))]),
    };

    /// <summary>A container; by default of the line server.</summary>
    public static JsonObject Docker(string image = TestImages.LineServer) => new()
    {
        ["port"] = 0,
        ["runtime"] = "docker",
        ["image"] = image,
        ["containerPort"] = TestImages.Port,
        ["memory"] = "32MiB",
    };
}
