using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Lab;

/// <summary>A fault that is in force until it is lifted.</summary>
/// <param name="read">Reads what shows that it was applied.</param>
/// <param name="lift">Ends it.</param>
/// <param name="touched">Reads which packets it met; null where it does not meet packets.</param>
internal sealed class ArmedFault(
    Func<CancellationToken, Task<FaultEvidence>> read, Func<CancellationToken, Task> lift,
    Func<CancellationToken, Task<IReadOnlyList<LoggedPacket>>>? touched = null)
{
    private FaultEvidence? _last;

    /// <summary>True where what was begun is seen to its end, and counts: its evidence is read behind that, and not before.</summary>
    public bool EndsBeforeItIsRead { get; init; }

    /// <summary>The packets that it met; known once it is lifted.</summary>
    public IReadOnlyList<LoggedPacket> Touched { get; private set; } = [];

    /// <summary>Whether it was applied so far; after it was lifted, what was true then.</summary>
    public async Task<FaultEvidence> VerifyAsync(CancellationToken cancellation = default) => _last ?? await read(cancellation);

    /// <summary>Ends it, without anything being started anew; a second time does nothing.</summary>
    /// <returns>The last that was seen of it.</returns>
    public async Task<FaultEvidence> LiftAsync(CancellationToken cancellation = default)
    {
        if (_last is not null)
            return _last;
        if (EndsBeforeItIsRead)
            await lift(cancellation);
        var evidence = await read(cancellation);
        if (touched is not null)
            Touched = await touched(cancellation);
        if (!EndsBeforeItIsRead)
            await lift(cancellation);
        return _last = evidence;
    }
}
