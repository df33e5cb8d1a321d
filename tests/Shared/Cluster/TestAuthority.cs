using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CrossLayer.Tests.Cluster;

/// <summary>An authority of the test's own, and certificates that it has signed.</summary>
internal static class TestAuthority
{
    /// <summary>Writes authority.pem, certificate.pem and key.pem.</summary>
    public static void Write(string folder, string name)
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name} authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var authority = request.CreateSelfSigned(from, to);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var own = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        own.CertificateExtensions.Add(names.Build());
        using var certificate = own.Create(authority, from, to, RandomNumberGenerator.GetBytes(8));

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "authority.pem"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "certificate.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The settings by which a daemon uses them.</summary>
    public static IReadOnlyList<string> Settings(string folder) =>
    [
        $"cluster.tls.authority={Path.Combine(folder, "authority.pem")}",
        $"cluster.tls.certificate={Path.Combine(folder, "certificate.pem")}",
        $"cluster.tls.key={Path.Combine(folder, "key.pem")}",
    ];
}
