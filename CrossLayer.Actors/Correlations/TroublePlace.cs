namespace CrossLayer.Actors.Correlations;

/// <summary>Where on its way a request met with trouble.</summary>
public enum TroublePlace
{
    /// <summary>It met with none, or what is known does not tell where.</summary>
    None,

    /// <summary>The application that asked.</summary>
    ClientApplication,

    /// <summary>Its host: ports, buffers, filters.</summary>
    ClientKernel,

    /// <summary>Between the two hosts.</summary>
    Path,

    /// <summary>The host of the application that answers.</summary>
    ServerKernel,

    /// <summary>The application that answers, or should.</summary>
    ServerApplication,
}

/// <summary>Which of the five places a correlation points to. Pure.</summary>
public static class TroublePlaces
{
    /// <summary>The place of a correlation's cause.</summary>
    public static TroublePlace Of(Correlation correlation)
    {
        ArgumentNullException.ThrowIfNull(correlation);
        return correlation.Finding.Cause switch
        {
            Cause.PathLoss or Cause.Congestion or Cause.ConnectBlackhole or Cause.SynackLoss or Cause.InjectedReset or Cause.SilentResponseLoss
                or Cause.IdleConnectionDrop or Cause.MtuBlackhole => TroublePlace.Path,
            Cause.SlowReader or Cause.UnreadClose or Cause.HiddenRetry => TroublePlace.ClientApplication,
            Cause.PortExhaustion => TroublePlace.ClientKernel,
            Cause.LocalEgressDrop => correlation.ServerExchange is { EgressDrops: > 0 } ? TroublePlace.ServerKernel
                : correlation.ClientExchange is { EgressDrops: > 0 } ? TroublePlace.ClientKernel
                : correlation.ServerExchange is { UnackedBytes: > 0 } or { Retransmits: > 0 } ? TroublePlace.ServerKernel : TroublePlace.None,
            Cause.AcceptQueueOverflow or Cause.NoListener or Cause.ServerAbort or Cause.ProcessStall or Cause.SlowHandler or Cause.ShortResponse
                => TroublePlace.ServerApplication,
            // Whose report is missing, or says what never was.
            Cause.UnclaimedExchange => correlation.ServerRecord is null && correlation.ClientRecord is not null ? TroublePlace.ServerApplication
                : correlation.ClientRecord is null && correlation.ServerRecord is not null ? TroublePlace.ClientApplication : TroublePlace.None,
            Cause.UnbackedRecord => correlation.ClientRecord is not null ? TroublePlace.ClientApplication : TroublePlace.ServerApplication,
            _ => TroublePlace.None,
        };
    }
}
