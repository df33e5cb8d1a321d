using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Tests.Histories;

/// <summary>A request of a <see cref="History"/> as it really was.</summary>
internal sealed class Told(int id, int ordinal, ModelSocket client, ModelSocket server, ByteRange request, ByteRange response)
{
    internal int Id => id;
    internal ByteRange Request => request;
    internal ByteRange Response => response;
    internal ulong ClientCookie => client.Cookie;
    internal long ClientStartNs { get; init; }
    internal long ClientEndNs { get; set; }
    internal long ServerStartNs { get; set; }
    internal long ServerEndNs { get; set; }

    /// <summary>As an application reports it, whose clock is read so long before and after.</summary>
    internal TimedRecord Record(RequestRole role, Reporting reporting, long clockNs)
    {
        var (socket, start, end) = role == RequestRole.Client ? (client, ClientStartNs, ClientEndNs) : (server, ServerStartNs, ServerEndNs);
        (start, end) = (start - clockNs, end + clockNs);
        return new TimedRecord(
            new RequestRecord
            {
                RequestId = RequestId.From(id),
                Role = role,
                Local = socket.Local,
                Peer = socket.Peer,
                LatencyMs = (end - start) / 1e6,
                StatusCode = 200,
                Result = RequestResult.Success,
                StartUnixNs = start,
                RequestBytes = request.Length,
                ResponseBytes = response.Length,
                ConnectionRequest = reporting.HasFlag(Reporting.Ordinals) ? ordinal : null,
                SocketCookie = reporting.HasFlag(Reporting.Cookies) ? socket.Cookie : null,
            },
            start);
    }
}

/// <summary>Who reports, and what.</summary>
[Flags]
internal enum Reporting
{
    None = 0,
    Client = 1,
    Server = 2,
    Ordinals = 4,
    Cookies = 8,
}
