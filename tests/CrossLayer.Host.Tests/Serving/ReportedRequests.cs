using System.Threading.Channels;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Host.Tests.Serving;

/// <summary>Takes what a server reports, and waits for it.</summary>
internal sealed class ReportedRequests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<RequestRecord> _records = Channel.CreateUnbounded<RequestRecord>();

    public ValueTask Take(RequestRecord record) => _records.Writer.WriteAsync(record);

    public Task<RequestRecord> NextAsync() => _records.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>What was reported and not yet taken; all there is once the server is disposed.</summary>
    public IReadOnlyList<RequestRecord> Rest()
    {
        var rest = new List<RequestRecord>();
        while (_records.Reader.TryRead(out var record))
            rest.Add(record);
        return rest;
    }
}
