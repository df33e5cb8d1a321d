namespace CrossLayer.Client;

/// <summary>A way to the daemon. Does not throw for what may go wrong on it.</summary>
internal interface IReportSender : IDisposable
{
    /// <summary>Sends reports.</summary>
    /// <returns>How many were taken, from the first on, and whether the others may be sent again.</returns>
    Task<(int Taken, bool MayRetry)> SendAsync(IReadOnlyList<RequestReport> reports, CancellationToken cancellation);
}
