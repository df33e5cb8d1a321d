using CrossLayer.Host.Ingest.Otlp.Wire;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace CrossLayer.Host.Ingest.Otlp;

/// <summary>OTLP's gRPC service (the server looks for a virtual method). Requests come as bytes, so that they can be looked through before they become objects.</summary>
[BindServiceMethod(typeof(TraceService), nameof(Bind))]
internal class TraceService(IngestServer server, OtlpReceiver receiver)
{
    /// <summary>The service's name.</summary>
    public const string Name = "opentelemetry.proto.collector.trace.v1.TraceService";

    private const string StatusDetails = "grpc-status-details-bin";

    private static readonly Method<byte[], ExportTraceServiceResponse> Method = new(
        MethodType.Unary, Name, nameof(Export),
        Marshallers.Create(bytes => bytes, bytes => bytes),
        Marshallers.Create(answer => answer.ToByteArray(), ExportTraceServiceResponse.Parser.ParseFrom));

    /// <summary>Tells the server of the service's method.</summary>
    public static void Bind(ServiceBinderBase binder, TraceService? service)
    {
        ArgumentNullException.ThrowIfNull(binder);
        binder.AddMethod(Method, service is null ? null : service.Export);
    }

    /// <summary>Takes spans.</summary>
    /// <exception cref="RpcException">They are not taken.</exception>
    public virtual async Task<ExportTraceServiceResponse> Export(byte[] request, ServerCallContext context)
    {
        var http = context.GetHttpContext();
        var call = http.Features.GetRequiredFeature<GrpcCall>();
        call.IsReceived = true;
        try
        {
            server.Senders.TakeRequest(http.Connection.RemoteIpAddress);
            var spans = await server.Bodies.DecodeAsync(request, body => receiver.Read(body, isJson: false), context.CancellationToken);
            return await receiver.TakeAsync(spans, http.Connection.RemoteIpAddress, context.CancellationToken);
        }
        catch (RefusedException refused)
        {
            call.IsCounted = true;
            server.Intake.Reject(refused.Reason, refused.Count);
            throw new RpcException(new Grpc.Core.Status(OtlpGrpcIngest.CodeOf(refused), refused.Message), Details(refused));
        }
    }

    // When to try again, as OTLP's clients look for it (google.rpc.RetryInfo).
    private static Metadata Details(RefusedException refused)
    {
        var trailers = new Metadata();
        if (refused.RetryAfter is not { } wait)
            return trailers;
        var status = new RpcStatus { Code = (int)OtlpGrpcIngest.CodeOf(refused), Message = refused.Message };
        status.Details.Add(new Any
        {
            TypeUrl = "type.googleapis.com/google.rpc.RetryInfo",
            Value = new RetryInfo { RetryDelay = Duration.FromTimeSpan(wait) }.ToByteString(),
        });
        trailers.Add(StatusDetails, status.ToByteArray());
        return trailers;
    }
}
