using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CrossLayer.Integration.Tests.Web;

/// <summary>A root, a certificate between, and a server's certificate for 127.0.0.1; the server's files are in a folder of their own.</summary>
internal sealed class CertificateChain : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("crosslayer-tls-");

    public CertificateChain()
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Root = Request("CN=root", rootKey, isAuthority: true).CreateSelfSigned(from, to);
        using var middle = Request("CN=middle", middleKey, isAuthority: true).Create(Root, from, to, [1]).CopyWithPrivateKey(middleKey);
        using var own = Request("CN=server", key, isAuthority: false).Create(middle, from, to, [2]);
        File.WriteAllText(CertificateFile, own.ExportCertificatePem() + "\n" + middle.ExportCertificatePem() + "\n");
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(TokenFile, "secret\n");
    }

    public X509Certificate2 Root { get; }

    public string CertificateFile => Path.Combine(_folder.FullName, "server.pem");

    public string KeyFile => Path.Combine(_folder.FullName, "key.pem");

    public string TokenFile => Path.Combine(_folder.FullName, "token");

    public void Dispose()
    {
        Root.Dispose();
        _folder.Delete(recursive: true);
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
