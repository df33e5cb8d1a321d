using System.Net.Sockets;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>
/// One request of a script. Each side notes what its own application saw of it and reports that: a server's clock begins
/// when the first byte is there, a client's just before it writes one.
/// </summary>
internal sealed class ScriptedRequest(ShapeScript script, ScriptedConnection connection, int number, int ordinal, string method, string route)
{
    internal RequestId Id { get; } = RequestId.From(number);

    internal ScriptedConnection Connection => connection;

    /// <summary>1 for the first request of its connection.</summary>
    internal int Ordinal => ordinal;

    internal RequestView Client { get; } = new();

    internal RequestView Server { get; } = new();

    internal void ClientWrites(ReadOnlySpan<byte> bytes)
    {
        Client.Begin();
        ScriptedConnection.Write(connection.Client, bytes);
        ClientWrote(bytes.Length);
    }

    internal void ServerReads(int count)
    {
        // Whoever waits for a request learns of its first bytes and then reads them: epoll, an event loop.
        connection.Server.Receive(new byte[1], SocketFlags.Peek);
        Server.Begin();
        ScriptedConnection.Read(connection.Server, count);
        ServerRead(count);
    }

    internal void ServerWrites(ReadOnlySpan<byte> bytes)
    {
        ScriptedConnection.Write(connection.Server, bytes);
        ServerWrote(bytes.Length);
    }

    internal void ClientReads(int count)
    {
        ScriptedConnection.Read(connection.Client, count);
        ClientRead(count);
    }

    /// <summary>Bytes of the request that were written together with another's.</summary>
    internal void ClientWrote(int count) => Client.AddRequest(count, ref connection.Stream(ofClient: true, isRequest: true));

    /// <inheritdoc cref="ClientWrote"/>
    internal void ServerRead(int count) => Server.AddRequest(count, ref connection.Stream(ofClient: false, isRequest: true));

    /// <inheritdoc cref="ClientWrote"/>
    internal void ServerWrote(int count) => Server.AddResponse(count, ref connection.Stream(ofClient: false, isRequest: false));

    /// <inheritdoc cref="ClientWrote"/>
    internal void ClientRead(int count) => Client.AddResponse(count, ref connection.Stream(ofClient: true, isRequest: false));

    /// <summary>Both applications report it.</summary>
    internal void BothReport(int status, Func<RequestRecord, RequestRecord>? but = null)
    {
        ServerReports(status, but);
        ClientReports(status, but);
    }

    /// <summary>The server's application logs it, with what it saw.</summary>
    internal void ServerReports(int status, Func<RequestRecord, RequestRecord>? but = null) =>
        Report(RequestRole.Server, Server, status, but);

    /// <summary>The client's application logs it, with what it saw.</summary>
    internal void ClientReports(int status, Func<RequestRecord, RequestRecord>? but = null) =>
        Report(RequestRole.Client, Client, status, but);

    private void Report(RequestRole role, RequestView view, int status, Func<RequestRecord, RequestRecord>? but)
    {
        var isClient = role == RequestRole.Client;
        var record = new RequestRecord
        {
            RequestId = Id,
            Role = role,
            StatusCode = status,
            Result = status is > 0 and < 400 ? RequestResult.Success : RequestResult.HttpError,
            Method = method,
            Route = route,
            Protocol = "HTTP/1.1",
            Local = isClient ? connection.ClientEnd : connection.ServerEnd,
            Peer = isClient ? connection.ServerEnd : connection.ClientEnd,
            StartUnixNs = view.StartUnixNs,
            LatencyMs = view.LatencyMs,
            RequestBytes = view.Request.Length,
            ResponseBytes = view.Response.Length,
        };
        script.Report(but?.Invoke(record) ?? record);
    }
}
