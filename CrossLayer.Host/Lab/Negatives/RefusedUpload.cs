using System.Net.Sockets;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab.Traffic;

namespace CrossLayer.Host.Lab.Negatives;

/// <summary>The server refuses an upload while it comes (413), and closes; the client stops there and reads why.</summary>
internal sealed class RefusedUpload : OddTraffic
{
    private const int Bytes = 4_000_000;
    private static readonly byte[] Piece = new byte[8_000];

    /// <inheritdoc/>
    public override string Name => "refused_upload";

    /// <inheritdoc/>
    protected override string What => "an upload of 4 MB where 64 kB are allowed";

    /// <inheritdoc/>
    protected override async Task<int> RoundAsync(LabClient client, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(LabClient.RequestTimeout);
        using var connection = await PlainConnection.OpenAsync(client);
        var request = connection.Begin("POST", "/upload?limit=64000", Bytes);
        long written = 0;
        try
        {
            await connection.WriteAsync(request.Head, patience.Token);
            for (; written < Bytes && !connection.HasAnswer; written += Piece.Length)
                await connection.WriteAsync(Piece, patience.Token);
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            // The server has closed; its answer came before, and is still to be read.
        }

        await connection.ReadAsync(request, patience.Token, written, Outcome.AsMeant);
        return written < Bytes ? 1 : 0;
    }
}
