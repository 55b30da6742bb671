namespace Instancer.TestKit.Simulation;

internal static class RandomExtensions
{
    public static bool Chance(this Random random, double probability) => random.NextDouble() < probability;

    public static T Pick<T>(this Random random, params ReadOnlySpan<T> choices) => choices[random.Next(choices.Length)];

    public static TimeSpan Seconds(this Random random, int least, int most) => TimeSpan.FromSeconds(random.Next(least, most + 1));
}
