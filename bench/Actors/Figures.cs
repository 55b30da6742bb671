using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Instancer.Bench.Actors;

/// <summary>Named figures of several rounds, written as a table of their medians beside the bars they are held to.</summary>
internal sealed class Figures
{
    private readonly List<(string Name, string Bar, List<double> Values)> _rows = [];

    public void Add(string name, double value, string bar = "")
    {
        if (_rows.Find(row => row.Name == name) is { Values: { } values })
        {
            values.Add(value);
        }
        else
        {
            _rows.Add((name, bar, [value]));
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder("| figure | median | lowest | highest | bar |\n| --- | ---: | ---: | ---: | --- |\n");
        foreach (var (name, bar, values) in _rows)
        {
            values.Sort();
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {name} | {values[values.Count / 2]:#,0.##} | {values[0]:#,0.##} | {values[^1]:#,0.##} | {bar} |");
        }

        return text.ToString();
    }

    /// <summary>Writes the table to the console, and to a file if one is given.</summary>
    public int Write(string? file)
    {
        Console.Write(ToMarkdown());
        if (file is not null)
        {
            File.WriteAllText(file, ToMarkdown());
        }

        return 0;
    }

    /// <summary>The seconds that <paramref name="work"/> takes, by the wall clock and of CPU time: on a busy machine they differ.</summary>
    public static (double Wall, double Cpu) Time(Action work)
    {
        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        work();
        return (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
    }
}
