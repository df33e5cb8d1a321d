using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Journal.Mapping;

/// <summary>
/// Enums to and from their stored numbers. Spelt out both ways, so that the order of the C# enum is no part of the format; a number that
/// is not known, or was never set, is an error and takes no default.
/// </summary>
internal static class EnumMapping
{
    public static Wire.RequestResult ToWire(this RequestResult value) => value switch
    {
        RequestResult.Success => Wire.RequestResult.Success,
        RequestResult.HttpError => Wire.RequestResult.HttpError,
        RequestResult.Timeout => Wire.RequestResult.Timeout,
        RequestResult.Refused => Wire.RequestResult.Refused,
        RequestResult.Reset => Wire.RequestResult.Reset,
        RequestResult.Error => Wire.RequestResult.Error,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static RequestResult FromWire(this Wire.RequestResult value) => value switch
    {
        Wire.RequestResult.Success => RequestResult.Success,
        Wire.RequestResult.HttpError => RequestResult.HttpError,
        Wire.RequestResult.Timeout => RequestResult.Timeout,
        Wire.RequestResult.Refused => RequestResult.Refused,
        Wire.RequestResult.Reset => RequestResult.Reset,
        Wire.RequestResult.Error => RequestResult.Error,
        _ => throw JournalFormatException.UnknownNumber("request result", (int)value),
    };

    public static Wire.RequestRole ToWire(this RequestRole value) => value switch
    {
        RequestRole.Client => Wire.RequestRole.Client,
        RequestRole.Server => Wire.RequestRole.Server,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static RequestRole FromWire(this Wire.RequestRole value) => value switch
    {
        Wire.RequestRole.Client => RequestRole.Client,
        Wire.RequestRole.Server => RequestRole.Server,
        _ => throw JournalFormatException.UnknownNumber("request role", (int)value),
    };

    public static Wire.MatchMethod ToWire(this MatchMethod value) => value switch
    {
        MatchMethod.Cookie => Wire.MatchMethod.Cookie,
        MatchMethod.TupleBytes => Wire.MatchMethod.TupleBytes,
        MatchMethod.TupleOrder => Wire.MatchMethod.TupleOrder,
        MatchMethod.TupleTime => Wire.MatchMethod.TupleTime,
        MatchMethod.None => Wire.MatchMethod.None,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static MatchMethod FromWire(this Wire.MatchMethod value) => value switch
    {
        Wire.MatchMethod.Cookie => MatchMethod.Cookie,
        Wire.MatchMethod.TupleBytes => MatchMethod.TupleBytes,
        Wire.MatchMethod.TupleOrder => MatchMethod.TupleOrder,
        Wire.MatchMethod.TupleTime => MatchMethod.TupleTime,
        Wire.MatchMethod.None => MatchMethod.None,
        _ => throw JournalFormatException.UnknownNumber("match method", (int)value),
    };

    public static Wire.Verdict ToWire(this Verdict value) => value switch
    {
        Verdict.Healthy => Wire.Verdict.Healthy,
        Verdict.Discrepant => Wire.Verdict.Discrepant,
        Verdict.Inconclusive => Wire.Verdict.Inconclusive,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static Verdict FromWire(this Wire.Verdict value) => value switch
    {
        Wire.Verdict.Healthy => Verdict.Healthy,
        Wire.Verdict.Discrepant => Verdict.Discrepant,
        Wire.Verdict.Inconclusive => Verdict.Inconclusive,
        _ => throw JournalFormatException.UnknownNumber("verdict", (int)value),
    };

    public static Wire.BlindLayer ToWire(this BlindLayer value) => value switch
    {
        BlindLayer.None => Wire.BlindLayer.None,
        BlindLayer.Application => Wire.BlindLayer.Application,
        BlindLayer.Kernel => Wire.BlindLayer.Kernel,
        _ => throw new ArgumentOutOfRangeException(nameof(value), value, null),
    };

    public static BlindLayer FromWire(this Wire.BlindLayer value) => value switch
    {
        Wire.BlindLayer.None => BlindLayer.None,
        Wire.BlindLayer.Application => BlindLayer.Application,
        Wire.BlindLayer.Kernel => BlindLayer.Kernel,
        _ => throw JournalFormatException.UnknownNumber("blind layer", (int)value),
    };
}
