using Akka.Configuration;
using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>How requests are correlated; <c>crosslayer.correlation</c> in the configuration, where each is explained.</summary>
public sealed record CorrelationSettings
{
    internal const string Section = "crosslayer.correlation";

    /// <summary>A window closes when nothing has moved its request on for so long.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long after its request's end a record may come.</summary>
    public TimeSpan Lateness { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A response that is not acknowledged is given up when nothing has moved it on for so long.</summary>
    public TimeSpan Unacked { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A request without a response, or one whose reader has stopped, is waited for so long.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How far a record's times may be off.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>A request that takes so long or longer, and is not expected to, is slow.</summary>
    public TimeSpan Slow { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Routes with a limit of their own in the place of <see cref="Slow"/>; the first that fits decides.</summary>
    public IReadOnlyList<SlowRoute> SlowRoutes { get; init; } = [];

    /// <summary>Routes whose requests take long by design; one that ends with <c>*</c> stands for all that begin like it.</summary>
    public IReadOnlyList<string> ExpectedSlowRoutes { get; init; } = [];

    /// <summary>How far kernel events may be out of order.</summary>
    public TimeSpan Disorder { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Lanes that connections are spread over.</summary>
    public int Shards { get; init; } = 4;

    /// <summary>Sockets followed, and connections kept, at most, over all shards.</summary>
    public int MaxSockets { get; init; } = 200_000;

    /// <summary>Request records that may wait for the pipeline.</summary>
    public int MaxWaitingRecords { get; init; } = 100_000;

    /// <summary>Request records and exchanges waiting for their window, over one connection.</summary>
    public int MaxWindowsPerConnection { get; init; } = 10_000;

    /// <summary>How long an exchange is waited for.</summary>
    public ExchangeTimes ExchangeTimes => new((long)Settle.TotalNanoseconds, (long)Unacked.TotalNanoseconds, (long)Patience.TotalNanoseconds);

    /// <summary>Reads the settings.</summary>
    /// <exception cref="ConfigurationException">A value is missing or out of its range.</exception>
    public static CorrelationSettings From(Config config)
    {
        var section = config.GetConfig(Section)
            ?? throw new ConfigurationException($"the configuration has no section {Section}");
        return new CorrelationSettings
        {
            Settle = Positive(section, "settle"),
            Lateness = Positive(section, "lateness"),
            Unacked = Positive(section, "unacked"),
            Patience = Positive(section, "patience"),
            ClockTolerance = Positive(section, "clock-tolerance"),
            Slow = Positive(section, "slow"),
            SlowRoutes = SlowRoute.ReadAll(section),
            ExpectedSlowRoutes = [.. section.GetStringList("expected-slow-routes")],
            Disorder = Positive(section, "disorder"),
            Shards = Count(section, "shards", 64),
            MaxSockets = Count(section, "max-sockets", int.MaxValue),
            MaxWaitingRecords = Count(section, "max-waiting-records", int.MaxValue),
            MaxWindowsPerConnection = Count(section, "max-windows-per-connection", int.MaxValue),
        };
    }

    /// <summary>True if requests for a route take long by design.</summary>
    public bool IsExpectedSlow(string? route) => route is not null && ExpectedSlowRoutes.Any(pattern => RoutePattern.Fits(pattern, route));

    /// <summary>From when on a request is slow, by whose record tells of it, and its route.</summary>
    public TimeSpan SlowLimit(RequestRole role, string? route) =>
        (route is null ? null : SlowRoutes.FirstOrDefault(slow => slow.IsFor(role, route)))?.Limit ?? Slow;

    private static TimeSpan Positive(Config section, string key)
    {
        var value = section.GetTimeSpan(key, TimeSpan.Zero, allowInfinite: false);
        return value > TimeSpan.Zero ? value : throw OutOfRange(key, value, "a duration above 0");
    }

    private static int Count(Config section, string key, int max)
    {
        var value = section.GetInt(key);
        return value > 0 && value <= max ? value : throw OutOfRange(key, value, $"a number from 1 to {max}");
    }

    private static ConfigurationException OutOfRange(string key, object value, string expected) =>
        new($"{Section}.{key} = {value}: expected {expected}");
}
