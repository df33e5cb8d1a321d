using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CrossLayer.Host.Web;

namespace CrossLayer.Host.Outputs.Health;

/// <summary>Asks a daemon on this host how it is, by the settings that it listens with.</summary>
internal static class HealthQuestion
{
    // The daemon asks its probe's actor for at most 2 s; a health check's own limit is longer than this.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks.</summary>
    /// <param name="listen">Where the daemon listens, with which certificate, and what it wants to be shown.</param>
    /// <param name="ready">/readyz, else /healthz.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Whether it is well, and what it said, or why it said nothing, in one line.</returns>
    /// <exception cref="InputException">The daemon does not listen by these settings.</exception>
    /// <exception cref="Akka.Configuration.ConfigurationException">The token or the certificate cannot be read.</exception>
    public static async Task<(bool Ok, string Text)> AskAsync(ListenSettings listen, bool ready, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(listen);
        if (listen.Address is not { } address)
            throw new InputException($"{listen.Section}.listen is off: the daemon cannot be asked");
        var url = new UriBuilder(listen.Certificate is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps, Reachable(address.Address).ToString(), address.Port,
            ready ? "/readyz" : "/healthz").Uri;
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        using var certificate = Certificate(listen);
        if (certificate is not null)
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => IsSame(certificate, shown);
        using var client = new HttpClient(handler) { Timeout = AnswerTimeout };
        if (listen.ReadToken() is { } token)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await client.GetAsync(url, cancellation);
            var text = (await response.Content.ReadAsStringAsync(cancellation)).Trim();
            return (response.IsSuccessStatusCode, text.Length > 0 ? text : $"{url}: {(int)response.StatusCode}");
        }
        catch (HttpRequestException exception)
        {
            return (false, $"{url}: {(exception.InnerException ?? exception).Message.ReplaceLineEndings(" ")}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (false, $"{url}: no answer within {AnswerTimeout.TotalSeconds:0} s");
        }
    }

    // Who listens at all addresses is asked at this host's own.
    private static IPAddress Reachable(IPAddress address) =>
        address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;

    private static X509Certificate2? Certificate(ListenSettings listen)
    {
        try
        {
            return listen.Certificate is null ? null : X509Certificate2.CreateFromPem(File.ReadAllText(listen.Certificate));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new Akka.Configuration.ConfigurationException($"{listen.Section}.tls-certificate = {listen.Certificate}: {exception.Message}", exception);
        }
    }

    // Names and roots do not matter between a daemon and its own health check: the certificate must be the very one that is configured, and the
    // token goes to nobody else who may have got hold of the port.
    private static bool IsSame(X509Certificate2 configured, X509Certificate? shown) =>
        shown is not null && CryptographicOperations.FixedTimeEquals(configured.RawDataMemory.Span, shown.GetRawCertData());
}
