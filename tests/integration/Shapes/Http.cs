using System.Text;

namespace CrossLayer.Integration.Tests.Shapes;

/// <summary>The bytes of HTTP/1.1 messages.</summary>
internal static class Http
{
    internal static byte[] Continue => Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\n");

    internal static byte[] Request(string method, string path, int body = 0, string headers = "") => Message(
        $"{method} {path} HTTP/1.1\r\nHost: shapes\r\n{headers}{(body > 0 ? $"Content-Length: {body}\r\n" : "")}", body);

    internal static byte[] Response(int status, int body = 0, string headers = "") => Message(
        $"HTTP/1.1 {status} {(status < 400 ? "OK" : "Not so")}\r\n{headers}{(status is 101 or 204 ? "" : $"Content-Length: {body}\r\n")}", body);

    /// <summary>The length of a message without its body.</summary>
    internal static int HeadLength(ReadOnlySpan<byte> message) => message.IndexOf("\r\n\r\n"u8) + 4;

    private static byte[] Message(string head, int body)
    {
        var bytes = Encoding.ASCII.GetBytes($"{head}\r\n");
        var message = new byte[bytes.Length + body];
        message.AsSpan(bytes.Length).Fill((byte)'x');
        bytes.CopyTo(message, 0);
        return message;
    }
}
