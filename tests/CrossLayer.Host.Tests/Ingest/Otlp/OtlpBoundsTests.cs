using System.Text;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Otlp;
using CrossLayer.Host.Ingest.Otlp.Wire;
using Google.Protobuf;

namespace CrossLayer.Host.Tests.Ingest.Otlp;

public class OtlpBoundsTests
{
    [Fact]
    public void Spans_and_their_attributes_are_counted_before_they_are_objects()
    {
        var scope = new ScopeSpans();
        for (var i = 0; i < 10; i++)
            scope.Spans.Add(new Span { Kind = SpanKind.Server, StartTimeUnixNano = 1, Attributes = { new KeyValue { Key = "a", Value = new AnyValue { DoubleValue = 1 } } } });
        var request = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } };

        OtlpBounds.CheckProtobuf(request.ToByteArray(), 10);
        Assert.Equal(Rejection.TooLarge, Assert.Throws<RefusedException>(() => OtlpBounds.CheckProtobuf(request.ToByteArray(), 9)).Reason);
        scope.Spans[0].Attributes.Add(Enumerable.Repeat(new KeyValue(), 500));
        Assert.Equal(Rejection.TooLarge, Assert.Throws<RefusedException>(() => OtlpBounds.CheckProtobuf(request.ToByteArray(), 10)).Reason);
    }

    [Theory]
    [InlineData("0A05")]
    [InlineData("0AFFFFFFFFFFFFFFFFFFFF01")]
    [InlineData("0B")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("0D00")]
    public void What_is_no_protobuf_is_refused(string bytes) =>
        Assert.Equal(Rejection.Malformed, Assert.Throws<RefusedException>(() => OtlpBounds.CheckProtobuf(Convert.FromHexString(bytes), 10)).Reason);

    [Fact]
    public void Objects_of_JSON_are_counted()
    {
        OtlpBounds.CheckJson(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{}", 49))}]"), 1);
        Assert.Equal(Rejection.TooLarge, Assert.Throws<RefusedException>(
            () => OtlpBounds.CheckJson(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("{}", 50))}]"), 1)).Reason);
        Assert.Equal(Rejection.Malformed, Assert.Throws<RefusedException>(() => OtlpBounds.CheckJson("{"u8, 1)).Reason);
    }
}
