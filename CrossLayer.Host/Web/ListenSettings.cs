using System.Net;
using Akka.Configuration;

namespace CrossLayer.Host.Web;

/// <summary>Where one of the daemon's HTTP servers listens, and who may speak to it.</summary>
/// <param name="Section">The section of the configuration that says so, for messages.</param>
/// <param name="Address">Where it listens; port 0 is any that is free. Null: not at all.</param>
/// <param name="Certificate">A PEM file: the certificate, with those between it and its root. Null: no TLS.</param>
/// <param name="Key">A PEM file: the certificate's private key.</param>
/// <param name="TokenFile">A file whose first line a client must show (<c>Authorization: Bearer …</c>). Null: nobody is asked.</param>
internal sealed record ListenSettings(string Section, IPEndPoint? Address, string? Certificate, string? Key, string? TokenFile)
{
    /// <summary>Reads <c>listen</c>, <c>tls-certificate</c>, <c>tls-key</c> and <c>token-file</c> of a section.</summary>
    /// <exception cref="ConfigurationException">A value cannot be used, or an address that others can reach is open to everybody.</exception>
    public static ListenSettings From(Config config, string section)
    {
        ArgumentNullException.ThrowIfNull(config);
        var settings = new ListenSettings(
            section, Parse(section, config.GetString($"{section}.listen")), Text("tls-certificate"), Text("tls-key"), Text("token-file"));
        if (settings.Certificate is null != settings.Key is null)
            throw new ConfigurationException($"{section}: tls-certificate and tls-key belong together; one of them is empty");
        foreach (var (key, path) in new[] { ("tls-certificate", settings.Certificate), ("tls-key", settings.Key), ("token-file", settings.TokenFile) })
        {
            if (path is not null && !File.Exists(path))
                throw new ConfigurationException($"{section}.{key} = {path}: there is no such file");
        }

        if (settings.Address is { } address && !IPAddress.IsLoopback(address.Address) && (settings.Certificate is null || settings.TokenFile is null))
        {
            throw new ConfigurationException(
                $"{section}.listen = {address}: beyond loopback, tls-certificate, tls-key and token-file are needed");
        }

        return settings;

        string? Text(string key) => config.GetString($"{section}.{key}") is { Length: > 0 } text ? text : null;
    }

    /// <summary>The token that clients must show; null where nobody is asked. Reads the file.</summary>
    /// <exception cref="ConfigurationException">The file is empty or cannot be read.</exception>
    public string? ReadToken()
    {
        if (TokenFile is null)
            return null;
        try
        {
            return File.ReadLines(TokenFile).FirstOrDefault()?.Trim() is { Length: > 0 } token
                ? token
                : throw new ConfigurationException($"{Section}.token-file = {TokenFile}: its first line is empty; it must be the token");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{Section}.token-file = {TokenFile}: {exception.Message}", exception);
        }
    }

    private static IPEndPoint? Parse(string section, string? text)
    {
        if (text is null or "" or "off")
            return null;
        return IPEndPoint.TryParse(text, out var address) && text.EndsWith($":{address.Port}", StringComparison.Ordinal)
            ? address
            : throw new ConfigurationException($"{section}.listen = {text}: expected an address with a port, such as 127.0.0.1:9470, or off");
    }
}
