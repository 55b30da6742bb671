using System.Globalization;

namespace Instancer.Bench.Start;

/// <summary>What the rounds of bursts gave.</summary>
internal sealed class BurstFigures
{
    private readonly List<double> _direct = [];
    private readonly List<double> _ours = [];
    private readonly Dictionary<(string Way, string When), List<double[]>> _trips = [];

    public void Add(bool ours, double milliseconds) => (ours ? _ours : _direct).Add(milliseconds);

    public void AddTrips(string when, (double[] Through, double[] Straight) trips)
    {
        AddTrips(("through Instancer", when), trips.Through);
        AddTrips(("straight to its server", when), trips.Straight);
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{when}: through {trips.Through.Length}, p50 {At(trips.Through, 0.5):0.00}, p99 {At(trips.Through, 0.99):0.00}; straight p50 {At(trips.Straight, 0.5):0.00}, p99 {At(trips.Straight, 0.99):0.00}"));
    }

    public void Report(StartContext context, int clients, int direct)
    {
        context.Row($"burst of {clients}, straight against the Engine API, {direct} starts at once", _direct);
        context.Row($"burst of {clients}, through Instancer", _ours);
        context.Row("the ratio, pair by pair (no ms)", _ours.Zip(_direct, (ours, direct) => ours / direct));
        foreach (var ((way, when), rounds) in _trips.OrderBy(pair => pair.Key.Way, StringComparer.Ordinal))
        {
            context.Row($"round trip {way}, {when}, p50", rounds.Select(trips => At(trips, 0.5)));
            context.Row($"round trip {way}, {when}, p99", rounds.Select(trips => At(trips, 0.99)));
        }
    }

    private void AddTrips((string Way, string When) key, double[] trips)
    {
        if (!_trips.TryGetValue(key, out var rounds))
        {
            _trips[key] = rounds = [];
        }

        rounds.Add(trips);
    }

    private static double At(double[] ordered, double quantile) => ordered[(int)(ordered.Length * quantile)];
}
