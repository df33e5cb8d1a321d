using System.Net;

namespace CrossLayer.Probe.Tests;

public sealed class EndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("0.0.0.0:0", "0.0.0.0:0")]
    [InlineData("[::1]:443", "[::1]:443")]
    [InlineData("[2001:DB8:0:0::7]:65535", "[2001:db8::7]:65535")]
    [InlineData("[::ffff:10.1.2.3]:80", "10.1.2.3:80")]
    public void An_endpoint_is_read_and_written(string text, string written)
    {
        Assert.True(Endpoint.TryParse(text, out var endpoint));

        Assert.Equal(written, endpoint.ToString());
        Assert.True(Endpoint.TryParse(written, out var again));
        Assert.Equal(endpoint, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(":80")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 80")]
    [InlineData("127.0.0.1:+80")]
    [InlineData("127.0.0.256:80")]
    [InlineData("localhost:80")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("[::1:80")]
    [InlineData("::1]:80")]
    [InlineData("[]:80")]
    [InlineData("[:80")]
    [InlineData("[::1]")]
    [InlineData("[::g]:80")]
    [InlineData("1:80")]
    [InlineData("127.1:80")]
    [InlineData("0x7f.1:80")]
    [InlineData("010.0.0.1:80")]
    [InlineData("[[::1]]:80")]
    [InlineData("[[::1]:99]:80")]
    public void Anything_else_is_no_endpoint(string? text)
    {
        Assert.False(Endpoint.TryParse(text, out var endpoint));
        Assert.Equal(default, endpoint);
    }

    [Fact]
    public void An_IPv4_address_and_its_v4_mapped_form_are_the_same()
    {
        var plain = IPAddress.Parse("192.0.2.7");

        Assert.Equal(NetworkAddress.From(plain), NetworkAddress.From(plain.MapToIPv6()));
        Assert.Equal(plain, NetworkAddress.From(plain.MapToIPv6()).ToIPAddress());
        Assert.Equal(Endpoint.From(new IPEndPoint(plain, 7)), Endpoint.From(new IPEndPoint(plain.MapToIPv6(), 7)));
    }

    [Fact]
    public void An_address_is_16_bytes_in_network_order()
    {
        byte[] bytes = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 7];

        Assert.Equal("192.0.2.7", new NetworkAddress(bytes).ToString());
        Assert.Throws<ArgumentException>(() => new NetworkAddress(bytes.AsSpan(1)));
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", false)]
    public void Only_the_zero_addresses_are_unspecified(string address, bool unspecified) =>
        Assert.Equal(unspecified, NetworkAddress.From(IPAddress.Parse(address)).IsUnspecified);

    [Fact]
    public void A_scope_is_not_kept() =>
        Assert.Equal(NetworkAddress.From(IPAddress.Parse("fe80::1")), NetworkAddress.From(IPAddress.Parse("fe80::1%3")));

    [Fact]
    public void The_order_is_total_and_agrees_with_equality()
    {
        var a = Endpoint.From(IPEndPoint.Parse("10.0.0.1:1"));
        var b = Endpoint.From(IPEndPoint.Parse("10.0.0.1:2"));
        var c = Endpoint.From(IPEndPoint.Parse("[::1]:1"));
        var same = a;

        Assert.True(a < b && b > a && a <= same && a >= same && a != b);
        Assert.Equal(-Math.Sign(a.CompareTo(c)), Math.Sign(c.CompareTo(a)));
        Assert.Equal(Math.Sign(a.CompareTo(c)), Math.Sign(b.CompareTo(c)));
        Assert.Equal(0, a.CompareTo(same));
    }
}
