using System.Globalization;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Diagnosis;

/// <summary>Figures as a person reads them.</summary>
internal static class Words
{
    internal static string Ms(double? ms) => ms switch
    {
        null => "an unknown time",
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.###} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms:0.#} ms"),
    };

    internal static string Ms(long? ns) => Ms(ns / 1e6);

    internal static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes} byte{(bytes == 1 ? "" : "s")}");

    internal static string Count(int count, string thing) =>
        count == 0 ? $"no {thing}" : string.Create(CultureInfo.InvariantCulture, $"{count} {thing}{(count == 1 ? "" : "s")}");

    /// <summary>What an application said of a request.</summary>
    internal static string Of(RequestRecord record) => record.Result switch
    {
        RequestResult.Success or RequestResult.HttpError =>
            string.Create(CultureInfo.InvariantCulture, $"{record.StatusCode} in {record.LatencyMs:0.#} ms"),
        RequestResult.Timeout => $"a timeout after {Ms(record.LatencyMs)}",
        RequestResult.Refused => $"a refused connection after {Ms(record.LatencyMs)}",
        RequestResult.Reset => $"a reset connection after {Ms(record.LatencyMs)}",
        _ => $"the error '{record.ErrorType ?? "unknown"}' after {Ms(record.LatencyMs)}",
    };
}
