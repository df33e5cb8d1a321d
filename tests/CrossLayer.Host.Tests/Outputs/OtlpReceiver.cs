using System.Collections.Concurrent;
using System.Net;
using CrossLayer.Host.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>An OTLP/HTTP collector at a real socket: keeps what it is sent, or turns it away.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _application;

    private OtlpReceiver(int port)
    {
        _application = WebServer.Create(
            new ListenSettings("test", new IPEndPoint(IPAddress.Loopback, port), null, null, null), HttpProtocols.Http1, limits => { });
        _application.MapPost("/v1/traces", ReceiveAsync);
    }

    public ConcurrentQueue<ProtobufMessage> Requests { get; } = [];

    public ConcurrentQueue<string> Authorizations { get; } = [];

    public int Refused { get; private set; }

    public bool Refuses { get; set; }

    public Uri Url { get; private set; } = null!;

    // opentelemetry/proto/trace/v1: resource_spans = 1, scope_spans = 2, spans = 2.
    public IReadOnlyList<ProtobufMessage> Spans =>
        [.. Requests.SelectMany(request => request.Messages(1)).SelectMany(resource => resource.Messages(2)).SelectMany(scope => scope.Messages(2))];

    public static async Task<OtlpReceiver> StartAsync(int port = 0)
    {
        var receiver = new OtlpReceiver(port);
        await receiver._application.StartAsync();
        receiver.Url = new Uri(receiver._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return receiver;
    }

    /// <summary>Attributes of a message: key = 1, value = 2; string 1, bool 2, int 3, double 4.</summary>
    public static Dictionary<string, object> Attributes(ProtobufMessage message, int number) =>
        message.Messages(number).ToDictionary(pair => pair.Text(1), pair => Value(pair.Message(2)));

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static object Value(ProtobufMessage value) =>
        value.Has(1) ? value.Text(1) : value.Has(2) ? value.Number(2) == 1 : value.Has(3) ? (long)value.Number(3) : BitConverter.UInt64BitsToDouble(value.Number(4));

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Authorizations.Enqueue(context.Request.Headers.Authorization.ToString());
        if (Refuses)
        {
            Refused++;
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        Requests.Enqueue(ProtobufMessage.Parse(body.ToArray()));
        context.Response.ContentType = "application/x-protobuf";
    }
}
