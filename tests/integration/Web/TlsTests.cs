using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Akka.Configuration;
using CrossLayer.Host.Ingest;
using CrossLayer.Host.Ingest.Http;
using CrossLayer.Host.Web;
using CrossLayer.Integration.Tests.Ingest;

namespace CrossLayer.Integration.Tests.Web;

public sealed class TlsTests : IDisposable
{
    private const string Record = """{"request_id":"a","latency_ms":1,"result":"success"}""";

    private readonly CertificateChain _chain = new();

    [Fact]
    public async Task A_client_that_knows_only_the_root_and_shows_the_token_is_served()
    {
        var intake = new RecordIntake("http", new CollectingSink(), TimeProvider.System);
        await using var ingest = new HttpIngest(Listen(_chain.CertificateFile, _chain.KeyFile), new IngestLimits(), intake);
        await ingest.StartAsync(default);
        using var client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _chain.Root },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
            },
        });
        var url = new Uri($"https://{ingest.Address}{HttpIngest.Path}");

        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync("wrong"));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync("secret"));
        Assert.Equal((2L, 1L), (intake.Rejected[Rejection.Unauthorized], intake.Accepted));

        async Task<HttpStatusCode> PostAsync(string? token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(Record, Encoding.UTF8, "application/json") };
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var response = await client.SendAsync(request);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_that_is_no_certificate_or_has_another_key_is_named(bool swap)
    {
        using var other = new CertificateChain();
        var listen = swap ? Listen(_chain.CertificateFile, other.KeyFile) : Listen(_chain.TokenFile, _chain.KeyFile);

        var exception = Assert.Throws<ConfigurationException>(
            () => new HttpIngest(listen, new IngestLimits(), new RecordIntake("http", new CollectingSink(), TimeProvider.System)));

        Assert.StartsWith($"{HttpIngest.Section}.tls-certificate = {listen.Certificate}: ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_named()
    {
        var intake = new RecordIntake("http", new CollectingSink(), TimeProvider.System);
        await using var first = new HttpIngest(Listen(null, null), new IngestLimits(), intake);
        await first.StartAsync(default);
        await using var second = new HttpIngest(Listen(null, null) with { Address = first.Address }, new IngestLimits(), intake);

        var exception = await Assert.ThrowsAsync<ConfigurationException>(() => second.StartAsync(default));

        Assert.StartsWith($"{HttpIngest.Section}.listen = {first.Address}: ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    public void Dispose() => _chain.Dispose();

    private ListenSettings Listen(string? certificate, string? key) =>
        new(HttpIngest.Section, new IPEndPoint(IPAddress.Loopback, 0), certificate, key, _chain.TokenFile);
}
