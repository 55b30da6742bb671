using System.Globalization;
using System.Text;

namespace Instancer.Bench.Net;

/// <summary>The figures of all rounds, and the table of their medians.</summary>
internal sealed class Report(IReadOnlyList<Scenario> scenarios, string[] contenders)
{
    private readonly Dictionary<(string Scenario, string Contender), List<double[]>> _figures = [];

    public void Add(Scenario scenario, string contender, double[] figures)
    {
        if (!_figures.TryGetValue((scenario.Name, contender), out var all))
        {
            _figures[(scenario.Name, contender)] = all = [];
        }

        all.Add(figures);
    }

    /// <summary>Each cell has the medians and, in brackets, their ratio to the better of HAProxy and nginx.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"| scenario | unit | {string.Join(" | ", contenders)} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| --- | --- |{string.Concat(contenders.Select(_ => " ---: |"))}");
        foreach (var scenario in scenarios)
        {
            var cells = contenders.Select(contender => Cell(scenario, contender));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {scenario.Name} | {scenario.Unit} | {string.Join(" | ", cells)} |");
        }

        return text.ToString();
    }

    private string Cell(Scenario scenario, string contender)
    {
        var figures = Medians(scenario, contender);
        var haProxy = Medians(scenario, new HaProxy().Name);
        var nginx = Medians(scenario, new Nginx().Name);
        var cells = figures.Select((figure, i) =>
        {
            var best = scenario.HigherIsBetter ? Math.Max(haProxy[i], nginx[i]) : Math.Min(haProxy[i], nginx[i]);
            return string.Create(CultureInfo.InvariantCulture, $"{figure:0.#} ({figure / best:0.00})");
        });
        return string.Join(" / ", cells);
    }

    private double[] Medians(Scenario scenario, string contender)
    {
        var rounds = _figures[(scenario.Name, contender)];
        return [.. rounds[0].Select((_, i) => rounds.Select(round => round[i]).Order().ElementAt(rounds.Count / 2))];
    }
}
