using System.Collections.Concurrent;
using System.Net.Sockets;
using Akka.Configuration;

namespace CrossLayer.Host.Ingest.UnixSocket;

/// <summary>Takes request records as JSON lines on a Unix stream socket, from the users that may.</summary>
internal sealed class UnixIngest : IAsyncDisposable
{
    /// <summary>What counters call the source.</summary>
    public const string Source = "unix";

    // Users beyond count as one.
    private const int MaxUids = 256;
    private const uint OtherUids = uint.MaxValue;

    private readonly UnixIngestSettings _settings;
    private readonly RecordIntake _intake;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<uint, long> _acceptedByUid = [];
    private readonly ConcurrentDictionary<Task, bool> _senders = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private int _connections;

    /// <summary>A source that is not started.</summary>
    /// <param name="settings">Where it is; the path is not null.</param>
    /// <param name="intake">Where the records go.</param>
    public UnixIngest(UnixIngestSettings settings, RecordIntake intake) => (_settings, _intake) = (settings, intake);

    /// <summary>Records that the pipeline took, by their senders' user; <see cref="uint.MaxValue"/> for all users beyond 256.</summary>
    public IReadOnlyDictionary<uint, long> AcceptedByUid => _acceptedByUid;

    /// <summary>Starts listening.</summary>
    /// <exception cref="ConfigurationException">The path is in use, or no socket can be made there.</exception>
    public Task StartAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _listener = SocketFile.Listen(_settings.Path ?? throw new InvalidOperationException("no path"));
        _accepting = AcceptAsync(_listener);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _accepting;
        await Task.WhenAll(_senders.Keys);
        _listener?.Dispose(); // removes the file, too
        _end.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_end.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_end.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of descriptors, or the caller left: the others are served on.
                await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                continue;
            }

            if (Volatile.Read(ref _connections) >= _settings.MaxConnections)
            {
                _intake.Reject(Rejection.TooManySenders);
                socket.Dispose();
                continue;
            }

            Interlocked.Increment(ref _connections);
            var serving = ServeAsync(socket);
            _senders.TryAdd(serving, true);
            _ = serving.ContinueWith(ended => _senders.TryRemove(ended, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            using var sender = new UnixSender(socket, _settings, _intake);
            var credentials = PeerCredentials.Of(socket);
            if (_settings.AllowedUids.Count > 0 && !_settings.AllowedUids.Contains(credentials.Uid))
            {
                _intake.Reject(Rejection.Unauthorized);
                await sender.TellAsync($"user {credentials.Uid} may not send here", _end.Token);
                return;
            }

            await sender.ServeAsync(count => Count(credentials.Uid, count), _end.Token);
        }
        catch (Exception exception) when (exception is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It left, or the program ends; what was taken is counted.
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private void Count(uint uid, int records)
    {
        if (_acceptedByUid.Count >= MaxUids && !_acceptedByUid.ContainsKey(uid))
            uid = OtherUids;
        _acceptedByUid.AddOrUpdate(uid, records, (_, before) => before + records);
    }
}
