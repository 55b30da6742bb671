using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Instancer.Gateway.Admin.Metrics;

/// <summary>Prometheus' text exposition format, version 0.0.4.</summary>
internal static class PrometheusText
{
    /// <summary>The format's media type.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes an instrument with all of its series.</summary>
    public static void Write(StringBuilder output, InstrumentSeries instrument)
    {
        var name = Name(instrument.Instrument.Name, instrument.Instrument.Unit, instrument.Type);
        if (instrument.Instrument.Description is { Length: > 0 } help)
        {
            var escaped = help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            output.Append(CultureInfo.InvariantCulture, $"# HELP {name} {escaped}\n");
        }

        output.Append(CultureInfo.InvariantCulture, $"# TYPE {name} {instrument.Type}\n");
        foreach (var (labels, series) in instrument.All)
        {
            switch (series)
            {
                case HistogramSeries histogram:
                    WriteHistogram(output, name, labels, histogram);
                    break;
                case SumSeries sum:
                    WriteLine(output, name, labels, sum.Sum);
                    break;
                case LatestSeries latest:
                    WriteLine(output, name, labels, latest.Latest);
                    break;
                default:
                    throw new InvalidOperationException($"No way to write a {series.GetType().Name}.");
            }
        }
    }

    /// <summary>An instrument's name: dots become underscores, the unit is spelt out, and counters end in <c>_total</c>.</summary>
    public static string Name(string name, string? unit, string type)
    {
        var text = new StringBuilder(name);
        for (var i = 0; i < text.Length; i++)
        {
            text[i] = char.IsAsciiLetterOrDigit(text[i]) ? text[i] : '_';
        }

        var suffix = unit switch
        {
            "s" => "_seconds",
            "ms" => "_milliseconds",
            "By" => "_bytes",
            _ => "",
        };
        if (!text.ToString().EndsWith(suffix, StringComparison.Ordinal))
        {
            text.Append(suffix);
        }

        return type == PrometheusType.Counter && !text.ToString().EndsWith("_total", StringComparison.Ordinal)
            ? text.Append("_total").ToString()
            : text.ToString();
    }

    /// <summary>Appends labels as <c>a="b",c="d"</c>.</summary>
    public static void AppendLabels(ref DefaultInterpolatedStringHandler output, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var separator = "";
        foreach (var (key, value) in tags)
        {
            output.AppendLiteral(separator);
            foreach (var c in key)
            {
                output.AppendFormatted(char.IsAsciiLetterOrDigit(c) ? c : '_');
            }

            output.AppendLiteral("=\"");
            foreach (var c in value as string ?? Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
            {
                switch (c)
                {
                    case '\\' or '"':
                        output.AppendFormatted('\\');
                        output.AppendFormatted(c);
                        break;
                    case '\n':
                        output.AppendLiteral("\\n");
                        break;
                    default:
                        output.AppendFormatted(c);
                        break;
                }
            }

            output.AppendLiteral("\"");
            separator = ",";
        }
    }

    private static void WriteHistogram(StringBuilder output, string name, string labels, HistogramSeries histogram)
    {
        var counts = histogram.Counts();
        var separator = labels.Length == 0 ? "" : ",";
        var total = 0L;
        for (var i = 0; i < counts.Length; i++)
        {
            total += counts[i];
            var bound = i < histogram.Bounds.Count ? Number(histogram.Bounds[i]) : "+Inf";
            WriteLine(output, name + "_bucket", $"{labels}{separator}le=\"{bound}\"", total);
        }

        WriteLine(output, name + "_sum", labels, histogram.Sum);
        WriteLine(output, name + "_count", labels, total);
    }

    private static void WriteLine(StringBuilder output, string name, string labels, double value)
    {
        output.Append(name);
        if (labels.Length > 0)
        {
            output.Append('{').Append(labels).Append('}');
        }

        output.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
