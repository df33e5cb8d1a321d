using CrossLayer.Actors.Correlations;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>Causes to and from their stored numbers, by the rule of <see cref="EnumMapping"/>.</summary>
internal static class CauseMapping
{
    public static Wire.Cause ToWire(this Cause value) => value switch
    {
        Cause.PathLoss => Wire.Cause.PathLoss,
        Cause.Congestion => Wire.Cause.Congestion,
        Cause.ConnectBlackhole => Wire.Cause.ConnectBlackhole,
        Cause.SynackLoss => Wire.Cause.SynackLoss,
        Cause.AcceptQueueOverflow => Wire.Cause.AcceptQueueOverflow,
        Cause.NoListener => Wire.Cause.NoListener,
        Cause.InjectedReset => Wire.Cause.InjectedReset,
        Cause.ServerAbort => Wire.Cause.ServerAbort,
        Cause.SilentResponseLoss => Wire.Cause.SilentResponseLoss,
        Cause.IdleConnectionDrop => Wire.Cause.IdleConnectionDrop,
        Cause.MtuBlackhole => Wire.Cause.MtuBlackhole,
        Cause.SlowReader => Wire.Cause.SlowReader,
        Cause.ProcessStall => Wire.Cause.ProcessStall,
        Cause.SlowHandler => Wire.Cause.SlowHandler,
        Cause.LocalEgressDrop => Wire.Cause.LocalEgressDrop,
        Cause.PortExhaustion => Wire.Cause.PortExhaustion,
        Cause.UnreadClose => Wire.Cause.UnreadClose,
        Cause.ShortResponse => Wire.Cause.ShortResponse,
        Cause.HiddenRetry => Wire.Cause.HiddenRetry,
        Cause.UnclaimedExchange => Wire.Cause.UnclaimedExchange,
        Cause.UnbackedRecord => Wire.Cause.UnbackedRecord,
        Cause.Unknown => Wire.Cause.Unknown,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static Cause FromWire(this Wire.Cause value) => value switch
    {
        Wire.Cause.PathLoss => Cause.PathLoss,
        Wire.Cause.Congestion => Cause.Congestion,
        Wire.Cause.ConnectBlackhole => Cause.ConnectBlackhole,
        Wire.Cause.SynackLoss => Cause.SynackLoss,
        Wire.Cause.AcceptQueueOverflow => Cause.AcceptQueueOverflow,
        Wire.Cause.NoListener => Cause.NoListener,
        Wire.Cause.InjectedReset => Cause.InjectedReset,
        Wire.Cause.ServerAbort => Cause.ServerAbort,
        Wire.Cause.SilentResponseLoss => Cause.SilentResponseLoss,
        Wire.Cause.IdleConnectionDrop => Cause.IdleConnectionDrop,
        Wire.Cause.MtuBlackhole => Cause.MtuBlackhole,
        Wire.Cause.SlowReader => Cause.SlowReader,
        Wire.Cause.ProcessStall => Cause.ProcessStall,
        Wire.Cause.SlowHandler => Cause.SlowHandler,
        Wire.Cause.LocalEgressDrop => Cause.LocalEgressDrop,
        Wire.Cause.PortExhaustion => Cause.PortExhaustion,
        Wire.Cause.UnreadClose => Cause.UnreadClose,
        Wire.Cause.ShortResponse => Cause.ShortResponse,
        Wire.Cause.HiddenRetry => Cause.HiddenRetry,
        Wire.Cause.UnclaimedExchange => Cause.UnclaimedExchange,
        Wire.Cause.UnbackedRecord => Cause.UnbackedRecord,
        Wire.Cause.Unknown => Cause.Unknown,
        _ => throw JournalFormatException.UnknownNumber("cause", (int)value),
    };
}
