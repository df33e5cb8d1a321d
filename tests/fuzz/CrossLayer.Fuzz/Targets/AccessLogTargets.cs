using CrossLayer.Actors.Requests;
using CrossLayer.Host;
using CrossLayer.Host.Files;

namespace CrossLayer.Fuzz.Targets;

/// <summary>Access logs, in which strangers choose much of what stands there: as they are followed, line by line, and as whole files.</summary>
internal static class AccessLogTargets
{
    /// <summary>nginx.</summary>
    public static FuzzTarget Nginx() => Of("nginx", NginxAccessLog.Kind, """
        {"msec":1764000000.123,"request_time":0.005,"remote_addr":"192.0.2.7","remote_port":"40000","server_addr":"192.0.2.1","server_port":"8080","connection":17,"connection_requests":3,"request_length":78,"bytes_sent":1234,"status":"200","request_completion":"OK","request_method":"GET","uri":"/a","server_protocol":"HTTP/1.1","https":"","request_id":"5d3b2c","tcpinfo_rtt":"43"}
        """, "unix:", "\"on\"", "::1", "499", "000");

    /// <summary>HAProxy.</summary>
    public static FuzzTarget Haproxy() => Of("haproxy", HaproxyLog.Kind, """
        <134>Nov 24 02:00:00 haproxy[7]: {"accept_s":1795470298,"accept_ms":"072","handshake_ms":0,"idle_ms":3,"active_ms":"7","client_ip":"192.0.2.7","client_port":"45254","frontend_ip":"192.0.2.1","frontend_port":"8080","connection_request":"2","status":200,"termination_state":"--","method":"GET","path":"/file.bin","protocol":"HTTP/1.1","ssl_version":"-","unique_id":"-","pid":6466,"request_counter":11,"request_ms":0,"queue_ms":0,"connect_ms":0,"response_ms":1,"backend_ip":"192.0.2.1","backend_port":"48690","server_ip":"192.0.2.9","server_port":"80","bytes_uploaded":"90","bytes_read":"100210","retries":"0"}
        """, "#22", "#FF", "#", "<BADREQ>", "\"CD\"", "\"sD\"", "unix", "-1");

    /// <summary>Apache's httpd.</summary>
    public static FuzzTarget Apache() => Of("apache", ApacheAccessLog.Kind, """
        {"start_us":1795470302466888,"duration_us":604,"client_ip":"192.0.2.7","client_port":"48524","local_ip":"192.0.2.1","local_port":"8082","keepalive":0,"connection_status":"+","bytes_in":153,"bytes_out":208,"status":"200","method":"POST","path":"/s","protocol":"HTTP/1.1","https":"-","unique_id":"awSz3irnSYLHEPsEGVGUowAAAFM"}
        """, "\\xff", "\\v", "\\x", "\"X\"", "\"-\"", "\\u00e4");

    /// <summary>Envoy.</summary>
    public static FuzzTarget Envoy() => Of("envoy", EnvoyAccessLog.Kind, """
        {"start":"1764000000.123456789","duration_ms":5,"remote_address":"192.0.2.7:40000","local_address":"192.0.2.1:8080","connection_id":17,"bytes_received":78,"bytes_sent":"1234","status":200,"response_flags":"-","method":"GET","path":"/a","protocol":"HTTP/1.1","tls_version":null,"request_id":"5d3b2c"}
        """, "DC", "UF,DC", "HTTP/3", "/run/a.sock", "@abstract", "[::1]:80");

    private static FuzzTarget Of(string name, RecordKind<RequestRecord> kind, string line, params string[] tokens)
    {
        var lines = new RecordLine<RequestRecord>(kind);
        return new FuzzTarget(name, input =>
        {
            var refusal = Follow(lines, input);
            using var reader = RecordReader<RequestRecord>.Over(name, new MemoryStream(input), kind);
            RecordOutput.Keep(reader.ReadAll());
            return refusal;
        }, exception => exception is InputException, Corpus.Of(line + "\n", line, $"{line}\n{line}\n"), tokens);
    }

    private static string? Follow(RecordLine<RequestRecord> lines, byte[] input)
    {
        string? refusal = null;
        for (var rest = input.AsSpan(); !rest.IsEmpty;)
        {
            var end = rest.IndexOf((byte)'\n') is var newline and >= 0 ? newline : rest.Length;
            try
            {
                RecordOutput.Keep([lines.Read(rest[..end])]);
            }
            catch (Exception exception) when (exception is FieldException or NoRequestException)
            {
                refusal ??= exception.Message;
            }

            rest = rest[Math.Min(end + 1, rest.Length)..];
        }

        return refusal;
    }
}
