using System.Diagnostics.Metrics;

namespace Instancer.Gateway.Admin.Metrics;

/// <summary>The types of the exposition format.</summary>
internal static class PrometheusType
{
    public const string Counter = "counter";
    public const string Gauge = "gauge";
    public const string Histogram = "histogram";

    /// <summary>The type of an instrument: what only grows is a counter, what goes up and down a gauge.</summary>
    public static string Of(Instrument instrument) => instrument switch
    {
        Histogram<double> or Histogram<long> or Histogram<int> => Histogram,
        Counter<double> or Counter<long> or Counter<int> => Counter,
        ObservableCounter<double> or ObservableCounter<long> or ObservableCounter<int> => Counter,
        _ => Gauge,
    };
}
