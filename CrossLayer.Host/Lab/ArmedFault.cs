namespace CrossLayer.Host.Lab;

/// <summary>A fault that is in force until it is lifted.</summary>
/// <param name="read">Reads what shows that it was applied.</param>
/// <param name="lift">Ends it.</param>
internal sealed class ArmedFault(
    Func<CancellationToken, Task<FaultEvidence>> read, Func<CancellationToken, Task> lift)
{
    private FaultEvidence? _last;

    /// <summary>Whether it was applied so far; after it was lifted, what was true then.</summary>
    public async Task<FaultEvidence> VerifyAsync(CancellationToken cancellation = default) => _last ?? await read(cancellation);

    /// <summary>Ends it, without anything being started anew; a second time does nothing.</summary>
    /// <returns>The last that was seen of it.</returns>
    public async Task<FaultEvidence> LiftAsync(CancellationToken cancellation = default)
    {
        if (_last is not null)
            return _last;
        var evidence = await read(cancellation);
        await lift(cancellation);
        return _last = evidence;
    }
}
