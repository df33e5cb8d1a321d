using Akka;
using Akka.Actor;
using Akka.Event;

namespace CrossLayer.Actors.Cluster;

/// <summary>
/// Keeps a member that had a TLS handshake fail on a connection of its own. Akka shuts the whole actor system down then (TcpHandlers of
/// Akka.Remote, since 1.5.51), since its certificate may be wrong; but the other end may as well have been killed in the middle of it, or be
/// ending. Certificates are looked at before anything starts, and whoever is refused cannot join.
/// </summary>
internal static class FailedHandshakes
{
    /// <summary>In which such a shutdown is held: the first phase, which has no other task of Akka's.</summary>
    internal const string Phase = CoordinatedShutdown.PhaseBeforeServiceUnbind;

    /// <summary>Akka's reason, which is internal to it.</summary>
    internal const string Reason = "TlsHandshakeFailureReason";

    /// <summary>From now on, a shutdown for that reason waits until the program ends; it is then the program's own, with all of its phases.</summary>
    /// <param name="system">The member's.</param>
    /// <param name="ending">The program ends.</param>
    public static void Survive(ActorSystem system, CancellationToken ending)
    {
        var shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(Phase, "survive-failed-handshake", async () =>
        {
            if (shutdown.ShutdownReason?.GetType().Name == Reason)
            {
                system.Log.Warning("a TLS handshake with another member failed; this host goes on");
                await Task.Delay(Timeout.Infinite, ending).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            return Done.Instance;
        });
    }
}
