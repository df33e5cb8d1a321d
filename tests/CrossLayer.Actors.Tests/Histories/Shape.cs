namespace CrossLayer.Actors.Tests.Histories;

/// <summary>What a connection's requests are like.</summary>
public enum Shape
{
    KeptAlive,
    PipelinedAnsweredOneByOne,
    PipelinedAnsweredTogether,
    AskedForLeave,
    AnsweredEarly,
    HalfClosed,
    Mixed,
}
