using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>A certificate that nobody vouches for.</summary>
internal static class SelfSigned
{
    internal static X509Certificate2 Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Make(key);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>One for programs that read it from files.</summary>
    internal static void WritePem(string certificatePath, string keyPath)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Make(key);
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Make(ECDsa key) => new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256)
        .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
}
