using System.Diagnostics;
using Akka.Streams.Dsl;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Requests;
using CrossLayer.Evaluation.Kernel;
using CrossLayer.Evaluation.Records;
using CrossLayer.Evaluation.Scoring;
using CrossLayer.Evaluation.Traffic;

namespace CrossLayer.Evaluation;

/// <summary>Runs workloads and variants, one after the other.</summary>
/// <param name="seed">Everything random follows from it.</param>
/// <param name="progress">Told what goes on.</param>
/// <param name="details">Takes each record that is not right; null for none.</param>
/// <param name="cancellation">Ctrl-C.</param>
internal sealed class MatchingEvaluation(int seed, TextWriter progress, DetailWriter? details, CancellationToken cancellation)
{
    // A live pipeline that is so far behind holds the traffic up.
    private const long MaxWaitingEvents = 50_000;

    /// <summary>All have one request to a connection and equal endpoints: what tells them apart is in these.</summary>
    private static readonly RecordContent[] LiveContents = [RecordContent.Cookie, RecordContent.TupleBytes, RecordContent.TupleTime];

    private static readonly RecordContent[] EqualSizeContents = [RecordContent.TupleBytes, RecordContent.TupleTime];

    private readonly MatchingResult _result = new();

    /// <summary>Runs the workloads.</summary>
    internal async Task<MatchingResult> RunAsync(IEnumerable<Workload> workloads)
    {
        foreach (var workload in workloads)
        {
            if (workload.LocalPorts > 0)
                await RunLiveAsync(workload);
            else
                await RunRecordedAsync(workload);
        }

        return _result;
    }

    /// <summary>Records the kernel's events once, and lays them beside each variant of records.</summary>
    private async Task RunRecordedAsync(Workload workload)
    {
        var started = Stopwatch.GetTimestamp();
        var recording = new KernelRecording();
        using var traffic = new TrafficRun(workload, seed, (_, _) => { }, () => { });
        await using var watch = KernelWatch.Start(traffic.Port, recording.Add);
        var traffics = await DriveAsync(workload, traffic);
        recording.Counters = await watch.StopAsync();

        foreach (var variant in Variant.Of(workload.EqualSizes ? EqualSizeContents : Enum.GetValues<RecordContent>()))
        {
            await progress.WriteLineAsync($"{workload.Name}: {Names.Of(variant)}");
            var begun = Stopwatch.GetTimestamp();
            var records = RecordMaker.Make(traffic.Facts, variant, seed);
            var score = new Scorecard(traffic.Facts, _result.Calibration, details?.For(workload, variant)) { Reported = records.Count };
            await GuardAsync(score, Pipeline.RunAsync(
                shards => CorrelationGraph.Create(
                    Source.From(OfflineInput.Lay(recording.Dated(watch.Clock), records, Pipeline.Settings)), shards, Pipeline.Settings),
                score.Add, cancellation));
            _result.Rows.Add(new MatchingRow(workload, variant, score, Stopwatch.GetElapsedTime(begun)));
        }

        _result.Runs.Add(new WorkloadRun(workload, recording.Counters, traffic.RefusedPorts, traffics, Stopwatch.GetElapsedTime(started)));
    }

    /// <summary>Feeds one pipeline for each variant while the traffic goes on: nothing is kept but what the requests were.</summary>
    private async Task RunLiveAsync(Workload workload)
    {
        var started = Stopwatch.GetTimestamp();
        Variant[] variants = [.. LiveContents.Select(content => new Variant(content, Reporters.Both))];
        KernelWatch? watch = null;
        LivePipe[] pipes = [];
        using var traffic = new TrafficRun(workload, seed, Report, Pause);
        var scores = variants.Select(variant => new Scorecard(traffic.Facts, _result.Calibration, details?.For(workload, variant))
        {
            Reported = 2 * workload.Requests,
        }).ToArray();
        pipes = [.. scores.Select(score => new LivePipe(batch =>
        {
            // Calibration and details are one for all pipes.
            lock (_result)
                score.Add(batch);
        }, cancellation))];
        await using var running = watch = KernelWatch.Start(traffic.Port, batch =>
        {
            foreach (var pipe in pipes)
                pipe.Add(batch);
        });

        var traffics = await DriveAsync(workload, traffic);
        var counters = await watch.StopAsync();
        foreach (var pipe in pipes)
            pipe.End();
        await Task.WhenAll(pipes.Zip(scores, (pipe, score) => GuardAsync(score, pipe.Completion)));
        var total = Stopwatch.GetElapsedTime(started);
        _result.Runs.Add(new WorkloadRun(workload, counters, traffic.RefusedPorts, traffics, total));
        _result.Rows.AddRange(variants.Zip(scores, (variant, score) => new MatchingRow(workload, variant, score, total)));

        void Report(RequestFacts request, RequestRole role)
        {
            for (var i = 0; i < pipes.Length; i++)
            {
                var record = RecordMaker.Make(request, role, variants[i]);
                pipes[i].Add(new TimedRecord(record, watch!.Clock.ToMonotonicNs(record.StartUnixNs!.Value)));
            }
        }

        void Pause()
        {
            while (pipes.Any(pipe => pipe.Waiting > MaxWaitingEvents && !pipe.Completion.IsCompleted))
            {
                cancellation.ThrowIfCancellationRequested();
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>A pipeline that fails is a result too, and the next one has its own.</summary>
    private async Task GuardAsync(Scorecard score, Task run)
    {
        try
        {
            await run;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            score.Failure = e.GetBaseException().Message;
            await progress.WriteLineAsync($"the pipeline broke off: {score.Failure}");
        }
    }

    private async Task<TimeSpan> DriveAsync(Workload workload, TrafficRun traffic)
    {
        var started = Stopwatch.GetTimestamp();
        await progress.WriteLineAsync($"{workload.Name}: {workload.Requests} requests on {workload.Connections} connections");
        await using (new Timer(_ => progress.WriteLine($"{workload.Name}: {traffic.Done} requests done"), null, 10_000, 10_000))
            await traffic.RunAsync(cancellation);
        return Stopwatch.GetElapsedTime(started);
    }
}
