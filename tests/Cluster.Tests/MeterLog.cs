using System.Diagnostics.Metrics;

namespace Instancer.Cluster.Tests;

/// <summary>Meters, and what was measured last by each instrument: a counter's sum, a histogram's number of measurements, a gauge's value.</summary>
internal sealed class MeterLog : IMeterFactory
{
    private readonly Dictionary<string, double> _values = [];
    private readonly Meter _meter;
    private readonly MeterListener _listener = new();

    public MeterLog()
    {
        _meter = new Meter(new MeterOptions("Instancer") { Scope = this });
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => _values[instrument.Name] = Noted(instrument.Name) + value);
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => _values[instrument.Name] = value);
        _listener.SetMeasurementEventCallback<double>((instrument, _, _, _) => _values[instrument.Name] = Noted(instrument.Name) + 1);
        _listener.Start();
    }

    public double this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return Noted(name);
        }
    }

    public Meter Create(MeterOptions options) => _meter;

    public void Dispose()
    {
        _listener.Dispose();
        _meter.Dispose();
    }

    private double Noted(string name) => _values.GetValueOrDefault(name);
}
