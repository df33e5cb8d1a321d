using Akka;
using Akka.Actor;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Probe;
using CrossLayer.Probe.Clock;

namespace CrossLayer.Actors.Recording;

/// <summary>
/// Records the input of one pipeline into the journal, so that it can be replayed. The pipeline goes on whatever becomes of the
/// recording.
/// </summary>
public sealed class InputRecorder
{
    private readonly RecordingTap _tap;
    private readonly RecordingCounters _counters;
    private readonly SemaphoreSlim _room;
    private readonly int _rooms;

    private InputRecorder(RecordingTap tap, RecordingCounters counters, SemaphoreSlim room, int rooms) =>
        (_tap, _counters, _room, _rooms) = (tap, counters, room, rooms);

    /// <summary>What is recorded so far.</summary>
    public RecordingStatus Status => _counters.Status with { Pending = Math.Max(0, _rooms - _room.CurrentCount) };

    /// <summary>Begins a session in a system that has the configuration of <see cref="JournalConfiguration.For"/>.</summary>
    /// <param name="system">Where the actors live.</param>
    /// <param name="settings">How to record.</param>
    /// <param name="journal">The journal.</param>
    /// <param name="correlation">How the pipeline correlates: kept in the recording.</param>
    /// <param name="time">The wall clock; the system's if null.</param>
    public static InputRecorder Start(ActorSystem system, RecordingSettings settings, JournalSettings journal, CorrelationSettings correlation,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(journal);
        ArgumentNullException.ThrowIfNull(correlation);
        var clock = time ?? TimeProvider.System;
        var session = RecordingSession.Begin(journal, correlation);
        return Start(system, settings, session.Id, clock,
            (part, totals) => Props.Create(() => new RecordingWriter(session, settings, part, totals, clock)),
            () => Task.Run(() => new RecordingQuery(system).PartsAsync(session.PersistenceId)));
    }

    internal static InputRecorder Start(ActorSystem system, RecordingSettings settings, string session, TimeProvider time,
        Func<int, Wire.Totals, Props> writer, Func<Task<IReadOnlyList<PartOnDisk>>> olderParts)
    {
#pragma warning disable CA2000 // lives as long as the actor
        var room = new SemaphoreSlim(settings.MaxPendingBatches);
#pragma warning restore CA2000
        var counters = new RecordingCounters();
        counters.Change(status => status with { Session = session });
        var actor = system.ActorOf(Props.Create(() => new RecordingActor(settings, room, counters, writer, olderParts, time)), "recording");
        return new InputRecorder(new RecordingTap(actor, room, settings, counters), counters, room, settings.MaxPendingBatches);
    }

    /// <summary>The input, recorded on its way; its end waits for the recording's end.</summary>
    public Source<PipelineInput, NotUsed> Tap(Source<PipelineInput, NotUsed> input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Concat(Source.Single<PipelineInput>(new EndOfInput()))
            .SelectAsync(1, _tap.RecordAsync)
            .Where(one => one is not EndOfInput);
    }

    /// <summary>The same, which tells the recorder what the kernel calls its reasons.</summary>
    public Func<IKernelProbe> Watch(Func<IKernelProbe> start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return () =>
        {
            var probe = start();
            _tap.Tell(probe.Reasons);
            return probe;
        };
    }

    /// <summary>Tells the recorder the clock that request records are placed with.</summary>
    public void Follow(Task<ClockHistory> clock) => _tap.Clock = clock;
}
