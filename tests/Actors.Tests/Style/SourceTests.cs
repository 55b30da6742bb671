using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Instancer.Actors.Tests.Style;

/// <summary>What the compiler does not see to, checked on the sources themselves.</summary>
public sealed partial class SourceTests
{
    private const int LongestFile = 300;

    private static readonly string[] Folders = ["src", "tests"];

    private static readonly string Root = Path.GetFullPath(Path.Combine(ThisFile(), "../../../.."));

    private static readonly List<(string Path, string Text)> Sources =
        [.. Files("*.cs").Where(path => path != ThisFile()).Select(path => (Path.GetRelativePath(Root, path), File.ReadAllText(path)))];

    /// <summary>What each project may refer to: dependencies point downwards only.</summary>
    private static readonly Dictionary<string, string[]> Below = new()
    {
        ["src/Actors"] = [],
        ["src/Containers"] = ["src/Actors"],
        ["src/Cluster"] = ["src/Actors"],
        ["src/Gate"] = ["src/Actors"],
        ["src/Gateway"] = ["src/Actors", "src/Containers", "src/Cluster", "src/Gate"],
    };

    [Fact]
    public void The_sources_are_found()
    {
        Assert.True(Sources.Count > 100, $"{Sources.Count} files below {Root}");
        Assert.Contains(Sources, source => source.Path == Path.Combine("src", "Actors", "InstancerNode.cs"));
    }

    [Fact]
    public void No_file_is_too_long()
        => Assert.Empty(Sources.Where(source => source.Text.Count(c => c == '\n') > LongestFile).Select(source => source.Path));

    [Fact]
    public void Nobody_sleeps() => Assert.Empty(Lines(line => line.Contains("Thread.Sleep", StringComparison.Ordinal)));

    /// <summary>The third of Task.Delay's forms that is allowed takes a time provider; its argument has the word in its name or type.</summary>
    [Fact]
    public void Nobody_waits_without_a_time_provider()
        => Assert.Empty(Lines(line => line.Contains("Task.Delay(", StringComparison.Ordinal) && !TakesTime().IsMatch(line)));

    [Fact]
    public void Nothing_is_left_to_do_later() => Assert.Empty(Lines(line => UnfinishedMark().IsMatch(line)));

    /// <summary>xunit 2 disposes of a test class that is <see cref="IDisposable"/> or an <see cref="IAsyncLifetime"/>, and of no other.</summary>
    [Fact]
    public void No_test_class_is_left_undisposed()
        => Assert.Empty(Lines(line => DisposedByNobody().IsMatch(line)));

    [Fact]
    public void The_actors_know_neither_sockets_nor_HTTP_nor_Docker_nor_etcd()
        => Assert.Empty(Lines(
            line => Outside().IsMatch(line),
            source => source.Path.StartsWith(Path.Combine("src", "Actors") + Path.DirectorySeparatorChar, StringComparison.Ordinal)));

    [Fact]
    public void Projects_refer_downwards_only()
    {
        foreach (var project in Files("*.csproj").Where(path => Relative(path).StartsWith("src/", StringComparison.Ordinal)))
        {
            var folder = Relative(Path.GetDirectoryName(project)!);
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(reference => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value)))
                .Select(path => Relative(Path.GetDirectoryName(path)!));
            Assert.True(Below.TryGetValue(folder, out var below), $"{folder} has no place in the house");
            Assert.All(references, reference => Assert.Contains(reference, below));
        }
    }

    [Fact]
    public void The_actors_need_no_package()
        => Assert.Empty(XDocument.Load(Path.Combine(Root, "src/Actors/Actors.csproj")).Descendants("PackageReference"));

    private static List<string> Lines(Func<string, bool> isBad, Func<(string Path, string Text), bool>? inside = null)
        => [.. Sources.Where(source => inside?.Invoke(source) ?? true)
            .SelectMany(source => source.Text.Split('\n').Select((line, index) => (line, Place: $"{source.Path}:{index + 1}")))
            .Where(numbered => isBad(numbered.line))
            .Select(numbered => $"{numbered.Place}: {numbered.line.Trim()}")];

    private static IEnumerable<string> Files(string pattern)
        => Folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories))
            .Where(path => !IsBuilt(path));

    private static bool IsBuilt(string path)
        => Relative(path).Split('/') is var parts && (parts.Contains("obj") || parts.Contains("bin"));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"Task\.Delay\([^;]*\b(_?[Tt]ime|_?[Cc]lock|TimeProvider\.System)\b")]
    private static partial Regex TakesTime();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex UnfinishedMark();

    [GeneratedRegex(@"class \w+Tests?\b[^{]*:[^{]*\bIAsyncDisposable\b(?![^{]*\b(IAsyncLifetime|IDisposable)\b)")]
    private static partial Regex DisposedByNobody();

    [GeneratedRegex(@"\bSystem\.Net\.(Sockets|Http)\b|\busing\b.*\b(Docker|Etcd)\b|\b(HttpClient|TcpClient|TcpListener|NetworkStream)\b")]
    private static partial Regex Outside();
}
