using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A certificate that nobody vouches for.</summary>
internal static class SelfSigned
{
    internal static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
