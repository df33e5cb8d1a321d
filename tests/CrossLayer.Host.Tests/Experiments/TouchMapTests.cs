using System.Net;
using System.Net.Sockets;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Injection;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Tests.Experiments;

/// <summary>A server at port 80 of the map, and connections that exist: only their ports matter.</summary>
public sealed class TouchMapTests : IDisposable
{
    private const ushort Server = 80;
    private const uint ClientStart = 4_294_967_290; // so near to the end that the stream passes it
    private const uint ServerStart = 1_000;

    private readonly ClientConnection _connection = ClientConnection.To(new IPEndPoint(IPAddress.Loopback, Server));
    private readonly SentRequest _first;
    private readonly SentRequest _second;
    private readonly TouchMap _map;

    public TouchMapTests()
    {
        _first = Sent("first", new RequestAttempt(_connection, 1, null, 0, 0), new RequestAttempt(_connection, 2, 1, 0, 0));
        _second = Sent("second", new RequestAttempt(_connection, 3, 2, 100, 5_000));
        _map = new TouchMap(Server, [FromClient(ClientStart, 60), FromServer(ServerStart, 60)], [_first, _second]);
    }

    public void Dispose() => _connection.Socket.Dispose();

    private ushort Port => _connection.Local!.Value.Port;

    [Fact]
    public void A_packet_of_a_request_touches_that_one()
    {
        Assert.Equal([_first], _map.Requests([FromClient(unchecked(ClientStart + 1), 152)]));
        Assert.Equal([_first], _map.Requests([FromClient(unchecked(ClientStart + 1 + 99), 153)]));
        Assert.Equal([_second], _map.Requests([FromClient(unchecked(ClientStart + 1 + 100), 152)]));
    }

    [Fact]
    public void A_packet_of_a_response_touches_its_request()
    {
        Assert.Equal([_first], _map.Requests([FromServer(ServerStart + 1 + 4_999, 1_500)]));
        Assert.Equal([_second], _map.Requests([FromServer(ServerStart + 1 + 5_000, 1_500)]));
    }

    [Fact]
    public void A_packet_of_the_handshake_touches_the_request_that_opened_the_connection()
    {
        Assert.Equal([_first], _map.Requests([FromClient(ClientStart, 60)]));
        Assert.Equal([_first], _map.Requests([FromServer(ServerStart, 60)]));
    }

    [Fact]
    public void A_handshake_that_never_got_anywhere_touches_the_request_that_tried()
    {
        var map = new TouchMap(Server, [], [_first]);
        Assert.Equal([_first], map.Requests([FromClient(77, 60)]));
    }

    [Fact]
    public void A_packet_without_data_touches_nobody() => Assert.Empty(_map.Requests([FromClient(unchecked(ClientStart + 101), 52), FromServer(ServerStart + 1, 2 * 52, packets: 2)]));

    [Fact]
    public void A_packet_of_another_port_touches_nobody() =>
        Assert.Empty(_map.Requests([new LoggedPacket((ushort)(Port ^ 1), Server, 5, 1, 1_500)]));

    [Fact]
    public async Task Connections_of_one_port_are_told_apart_by_where_they_began()
    {
        var port = Port;
        _connection.Socket.Dispose();
        var later = ClientConnection.Unbound(new IPEndPoint(IPAddress.Loopback, Server));
        using var socket = later.Socket;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        await Assert.ThrowsAsync<SocketException>(() => later.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Closed()), CancellationToken.None));
        Assert.Equal(port, later.Local!.Value.Port);

        var third = Sent("third", new RequestAttempt(later, 10, null, 0, 0), new RequestAttempt(later, 11, 1, 0, 0));
        // nft lists its set in no order.
        var map = new TouchMap(Server, [FromClient(9_000, 60), FromClient(100, 60)], [_first, third]);
        Assert.Equal([third], map.Requests([FromClient(9_001, 1_500)]));
        Assert.Equal([_first], map.Requests([FromClient(101, 1_500)]));
    }

    private static int Closed()
    {
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)nobody.LocalEndPoint!).Port;
    }

    private static SentRequest Sent(string id, params RequestAttempt[] attempts) => new(
        new RequestRecord { RequestId = new RequestId(id), LatencyMs = 1, Result = RequestResult.Success },
        new RequestTrace(attempts[0].Connection, 1, null, null, attempts), Outcome.Right, false);

    private LoggedPacket FromClient(uint sequence, long bytes) => new(Port, Server, sequence, 1, bytes);

    private LoggedPacket FromServer(uint sequence, long bytes, long packets = 1) => new(Server, Port, sequence, packets, bytes);
}
