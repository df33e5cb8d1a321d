namespace CrossLayer.Host.Lab.Injection;

/// <summary>Takes note, in the router and before any fault, of the packets that open connections: where the streams of each begin.</summary>
internal sealed class HandshakeLog(LabNamespace router)
{
    private const string Table = "handshakes";
    private const string Set = "seen";

    /// <summary>Begins anew.</summary>
    public async Task BeginAsync(CancellationToken cancellation) => await router.ExecAsync("nft", ["-f", "-"], $$"""
        table inet {{Table}} { }
        delete table inet {{Table}}
        table inet {{Table}} {
        {{PacketLog.Set(Set)}} chain forward {
          type filter hook forward priority -10; policy accept;
          tcp flags & syn == syn {{PacketLog.Note(Set)}}
         }
        }

        """, cancellation);

    /// <summary>The packets since.</summary>
    public Task<IReadOnlyList<LoggedPacket>> ReadAsync(CancellationToken cancellation) => PacketLog.ReadAsync(router, Table, Set, cancellation);
}
