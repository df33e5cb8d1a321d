namespace CrossLayer.Host.Tests.Outputs;

/// <summary>Waits for a condition, with a bound.</summary>
internal static class Wait
{
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(10, bound.Token);
    }
}
