namespace CrossLayer.Tests;

/// <summary>
/// What is allocated again and again: the runtime's caches are the process's, and grow on the account of the thread that happens to fill
/// them, whatever that thread does by itself.
/// </summary>
internal static class Allocated
{
    private const int Rounds = 5;

    /// <summary>Managed bytes that this thread allocates at least, of several runs.</summary>
    internal static long ByEach(Action run)
    {
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
