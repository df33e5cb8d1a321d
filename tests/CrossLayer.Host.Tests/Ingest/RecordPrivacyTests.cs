using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Host.Tests.Ingest;

public sealed class RecordPrivacyTests
{
    [Theory]
    [InlineData("/orders", "/orders")]
    [InlineData("/", "/")]
    [InlineData("", "")]
    [InlineData("/orders?token=secret", "/orders")]
    [InlineData("/orders#secret", "/orders")]
    [InlineData("/orders;jsessionid=secret", "/orders")]
    [InlineData("https://user:secret@example.org/orders?x=1", "/orders")]
    [InlineData("https://example.org", "/")]
    [InlineData("/orders/42", "/orders/{id}")]
    [InlineData("/orders/42/items/7", "/orders/{id}/items/{id}")]
    [InlineData("/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/users/{id}")]
    [InlineData("/blobs/9e107d9d372bb6826bd81d3542a419d6", "/blobs/{id}")]
    [InlineData("/users/jane@example.org", "/users/{id}")]
    [InlineData("/reset/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0", "/reset/{id}")]
    [InlineData("/reset/s3cr3t0t0k3n99x1", "/reset/{id}")]
    [InlineData("/2026-01-31/report", "/{id}/report")]
    [InlineData("/v1/requests", "/v1/requests")]
    [InlineData("/orders/{order}/items", "/orders/{order}/items")]
    [InlineData("/orders/:order", "/orders/:order")]
    [InlineData("/static/app.min.js", "/static/app.min.js")]
    [InlineData("/a%20b/c", "/{id}/c")]
    [InlineData("orders.OrderService/GetOrder", "orders.OrderService/GetOrder")]
    public void Of_a_url_only_a_templated_path_is_kept(string url, string expected) => Assert.Equal(expected, RecordPrivacy.Template(url));

    [Fact]
    public void A_path_has_so_many_parts_and_so_many_characters_at_most()
    {
        Assert.EndsWith("*", RecordPrivacy.Template(string.Concat(Enumerable.Repeat("/a", 1000))), StringComparison.Ordinal);
        Assert.True(RecordPrivacy.Template(string.Concat(Enumerable.Repeat("/abcdefghijklmnop", 1000))).Length <= RecordPrivacy.MaxText + 50);
    }

    [Theory]
    [InlineData(true, "9", ".5")] // 999. is no number
    [InlineData(true, "9", "99")] // another number
    [InlineData(false, "x", "🙂")] // half a character
    public void What_is_left_of_a_text_that_is_cut_can_be_written_and_read(bool isNumber, string repeated, string end)
    {
        var text = string.Concat(Enumerable.Repeat(repeated, RecordPrivacy.MaxText - 1)) + end;
        var record = new RequestRecord { RequestId = new RequestId(text, isNumber), LatencyMs = 1, Result = RequestResult.Success, Service = text };

        var kept = RecordPrivacy.Strip(record);

        Assert.False(kept.RequestId.IsNumber);
        Assert.Equal(kept, Files.Records.FromJson(RequestRecordJson.Kind, Files.Records.ToJson(RequestRecordJson.Kind, kept)));
    }

    [Fact]
    public void Texts_are_cut()
    {
        var text = new string('x', 1000);
        var record = new RequestRecord
        {
            RequestId = new RequestId(text),
            LatencyMs = 1,
            Result = RequestResult.Success,
            Service = text,
            ErrorType = text,
            TraceId = text,
            Method = text,
            Protocol = text,
        };

        var kept = RecordPrivacy.Strip(record);

        Assert.All(new[] { kept.RequestId.Text, kept.Service, kept.ErrorType, kept.TraceId, kept.Method, kept.Protocol },
            kept => Assert.Equal(RecordPrivacy.MaxText, kept!.Length));
    }
}
