using System.Text;
using CrossLayer.Host.Files;
using CrossLayer.Probe;

namespace CrossLayer.Host.Tests.Files;

public class EndpointTextTests
{
    [Theory]
    [InlineData("127.0.0.1:8080")]
    [InlineData("255.255.255.255:65535")]
    [InlineData("0.0.0.0:0")]
    [InlineData("[::]:0")]
    [InlineData("[::1]:8080")]
    [InlineData("[1::]:1")]
    [InlineData("[2001:db8::1]:443")]
    [InlineData("[2001:db8:0:1:1:1:1:1]:443")]
    [InlineData("[2001:db8::1:0:0:1]:443")]
    [InlineData("[2001:0:0:1::1]:443")]
    [InlineData("[1:2:3:4:5:6:7:8]:9")]
    [InlineData("[0:2:3:4:5:6:7:0]:9")]
    [InlineData("[abcd:ef01:2345:6789:abcd:ef01:2345:6789]:65535")]
    public void Endpoints_are_written_as_RFC_5952_says_and_come_back(string text)
    {
        var endpoint = Records.EndpointOf(text);
        var bytes = new byte[EndpointText.MaxLength];

        var written = Encoding.ASCII.GetString(bytes, 0, EndpointText.Format(endpoint, bytes));

        Assert.Equal(text, written);
        Assert.Equal(endpoint.ToString(), written);
    }

    [Fact]
    public void Mapped_addresses_are_written_as_IPv4()
    {
        var bytes = new byte[EndpointText.MaxLength];

        var length = EndpointText.Format(Records.EndpointOf("[::ffff:10.0.0.1]:80"), bytes);

        Assert.Equal("10.0.0.1:80", Encoding.ASCII.GetString(bytes, 0, length));
    }

    [Fact]
    public void Random_addresses_come_back()
    {
        var random = new Random(1);
        var bytes = new byte[16];
        var text = new byte[EndpointText.MaxLength];
        for (var i = 0; i < 2000; i++)
        {
            for (var j = 0; j < bytes.Length; j++)
                bytes[j] = (byte)(random.Next(2) == 0 ? 0 : random.Next(256));
            var endpoint = new Endpoint(new NetworkAddress(bytes), (ushort)random.Next(65536));

            var length = EndpointText.Format(endpoint, text);

            Assert.Equal(endpoint, Records.EndpointOf(Encoding.ASCII.GetString(text, 0, length)));
        }
    }
}
