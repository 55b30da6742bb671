using System.Text.Json;
using System.Text.RegularExpressions;
using Instancer.Gateway.Configuration;

namespace Instancer.Gateway.Tests.Configuration;

public sealed partial class OptionDocTests
{
    private const string Start = "<!-- options -->\n";
    private const string End = "<!-- /options -->";

    private static readonly string[] Sections = ["gateway", "ports", "reaper", "startQueue", "admin", "cluster", "pow", "addresses", "rates", "bans", "quotas", "authentication"];

    /// <summary>Set to 1, the variable makes the test write the table where it would compare it.</summary>
    private const string Update = "UPDATE_README";

    [Fact]
    public void The_README_has_the_table_of_options()
    {
        var file = Path.Combine(RepositoryRoot.Path, "README.md");
        var readme = File.ReadAllText(file);
        var (start, end) = (readme.IndexOf(Start, StringComparison.Ordinal) + Start.Length, readme.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            readme = readme[..start] + OptionDoc.Table() + readme[end..];
            File.WriteAllText(file, readme);
            end = readme.IndexOf(End, StringComparison.Ordinal);
        }

        Assert.Equal(OptionDoc.Table(), readme[start..end]);
    }

    [Fact]
    public void The_example_has_every_option_of_one_node() =>
        Assert.Equal(OptionDoc.All.Where(option => !IsOfClusters(option.Path)).Select(option => option.Path).Order(StringComparer.Ordinal), OptionsIn(ConfigurationFile.WholeExample()));

    [Fact]
    public void The_example_of_a_cluster_has_every_option_of_a_cluster() =>
        Assert.Equal(
            OptionDoc.All.Select(option => option.Path).Where(IsOfClusters).Order(StringComparer.Ordinal),
            OptionsIn(ConfigurationFile.ClusterExample()).Where(IsOfClusters));

    private static bool IsOfClusters(string path) => path.StartsWith("cluster.", StringComparison.Ordinal);

    private static IOrderedEnumerable<string> OptionsIn(string file)
    {
        using var example = JsonDocument.Parse(
            file, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        var instancer = example.RootElement.GetProperty("instancer");
        var challenges = instancer.GetProperty("challenges").EnumerateObject()
            .SelectMany(challenge => challenge.Value.EnumerateObject())
            .Select(option => $"challenges.NAME.{option.Name}");
        var others = instancer.EnumerateObject().Where(option => option.Name != "challenges").SelectMany(option =>
            option.Value.ValueKind == JsonValueKind.Object ? option.Value.EnumerateObject().Select(inner => $"{option.Name}.{inner.Name}") : [option.Name]);
        return others.Concat(challenges).Distinct().ToList().Order(StringComparer.Ordinal);
    }

    [Fact]
    public void What_is_documented_is_what_is_read()
    {
        // What a reader names as known, in a section where nothing is near the unknown key, is what it asks for.
        var known = Sections.Append("").Append("challenges.docker").Append("challenges.process")
            .SelectMany(KnownIn)
            .Except(Sections.Append("challenges"))
            .Distinct()
            .Order(StringComparer.Ordinal);
        Assert.Equal(OptionDoc.All.Select(option => option.Path).Order(StringComparer.Ordinal), known);
    }

    [Fact]
    public void A_default_that_is_written_out_changes_nothing()
    {
        foreach (var option in OptionDoc.All.Where(option => option.Default is ['`', .., '`'] and not ("`{ }`" or "`[]`" or "`null`" or "`\"auto\"`")))
        {
            var file = option.Meaning.StartsWith("Docker: ", StringComparison.Ordinal)
                ? ConfigurationFile.WithChallenge(ConfigurationFile.Docker)
                : IsOfClusters(option.Path) ? ConfigurationFile.WithCluster(ConfigurationFile.Cluster)
                : ConfigurationFile.WithChallenge(ConfigurationFile.Process);
            var path = option.Path.Replace("NAME", "pwn", StringComparison.Ordinal);
            var value = option.Default.Trim('`', '"');
            var written = ConfigurationFile.Loaded(file, request => request with { Overrides = [$"{path}={value}"] });
            Assert.Equal(Comparable(ConfigurationFile.Loaded(file)), Comparable(written));
        }
    }

    private static object Comparable(NodeConfiguration configuration)
    {
        var challenge = Assert.Single(configuration.Node.Challenges);
        return (
            configuration.Settings with { Cluster = null },
            configuration.Settings.Cluster?.Options,
            configuration.Node with { Challenges = [] },
            challenge with { Template = TemplateReader.None },
            challenge.Template.SpecHash,
            configuration.Gate.Bans,
            configuration.Gate.WorkCpu,
            configuration.Gate.Challenges[challenge.Name]);
    }

    private static IEnumerable<string> KnownIn(string section)
    {
        var errors = ConfigurationFile.Errors(
            """{ "instancer": { "challenges": { "docker": { "runtime": "docker" }, "process": { "runtime": "process" } } } }""",
            request => request with { Overrides = [$"{section}.qqqqqqqqqqqqqqqq=1".TrimStart('.')] });
        var error = errors.Single(line => line.Contains("unknown key; known here: ", StringComparison.Ordinal));
        var place = section.StartsWith("challenges.", StringComparison.Ordinal) ? "challenges.NAME" : section;
        return Names().Match(error).Groups[1].Value.Split(", ").Select(name => $"{place}.{name}".TrimStart('.'));
    }

    [GeneratedRegex("known here: (.*)$")]
    private static partial Regex Names();
}
