using System.Diagnostics.Metrics;
using System.Text;

namespace Instancer.Gateway.Admin.Metrics;

/// <summary>Listens to the instruments of one factory, and writes what they measured as Prometheus reads it.</summary>
internal sealed class MetricsExporter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<InstrumentSeries> _instruments = [];
    private readonly MeterListener _listener = new();

    /// <param name="meters">The factory; instruments that it made before count too.</param>
    public MetricsExporter(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters))
            {
                var series = new InstrumentSeries(instrument);
                lock (_lock)
                {
                    _instruments.Add(series);
                }

                listener.EnableMeasurementEvents(instrument, series);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>((_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.Start();
    }

    /// <summary>The exposition of everything measured so far.</summary>
    public string Write()
    {
        lock (_lock)
        {
            _instruments.ForEach(instrument => instrument.ForgetObserved());
            _listener.RecordObservableInstruments();
            var output = new StringBuilder();
            foreach (var instrument in _instruments.OrderBy(instrument => instrument.Instrument.Name, StringComparer.Ordinal))
            {
                PrometheusText.Write(output, instrument);
            }

            return output.ToString();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();
}
