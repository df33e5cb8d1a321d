using CrossLayer.Actors.Connections;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Correlations;

/// <summary>A request that went out on a connection, was not answered, and that no application reported.</summary>
/// <param name="Client">The client's address.</param>
/// <param name="Server">The server's endpoint.</param>
/// <param name="RequestBytes">How long it was.</param>
/// <param name="StartNs">Its first byte: CLOCK_MONOTONIC nanoseconds.</param>
/// <param name="EndNs">Its last event.</param>
/// <param name="Connection">Where.</param>
/// <param name="ReadByServer">The server's application read it.</param>
public sealed record Attempt(
    NetworkAddress Client, Endpoint Server, long RequestBytes, long StartNs, long EndNs, ConnectionKey Connection, bool ReadByServer)
{
    /// <summary>
    /// The attempt that a window holds; null if it holds none. A request that met a connection which its server had closed
    /// already is none: nobody had it, and to send it again is what RFC 9112, 9.3.1 asks for.
    /// </summary>
    public static Attempt? Of(RequestWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if ((window.ClientExchange ?? window.ServerExchange) is not { Request.Length: > 0, Response.Length: 0, Complete: true } exchange
            || (window.ClientExchange is { FinReceivedNs: { } fin } client && fin <= client.RequestStartNs))
            return null;
        return new Attempt(
            (exchange.IsServer ? exchange.Peer : exchange.Local).Address, exchange.IsServer ? exchange.Local : exchange.Peer,
            exchange.Request.Length, exchange.FirstNs, exchange.LastNs, exchange.Connection, window.ServerExchange?.RequestEndNs is not null);
    }
}
