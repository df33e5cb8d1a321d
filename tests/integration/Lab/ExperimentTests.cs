using CrossLayer.Host;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>Experiments as people run them: a real lab, the real probe, real faults.</summary>
[Collection("lab")]
public sealed class ExperimentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crosslayer-experiment-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ExperimentFolder Folder => new(_folder);

    [RequiresLabFact]
    public async Task What_is_injected_is_in_the_label_and_in_nothing_that_a_detector_sees()
    {
        Assert.Equal((ExitCode.Done, ""), await RunAsync("path_loss"));

        var label = EpisodeLabel.Read(Assert.Single(Directory.GetFiles(Folder.Labels)));
        var fault = Assert.Single(label.Faults);
        Assert.Equal(("path_loss", true), (fault.Scenario, fault.Applied));
        Assert.Contains(label.Requests, request => request.Touched);
        Assert.Contains(label.Requests, request => !request.Touched && request.Outcome == Outcome.Right);

        var files = Directory.GetFiles(Path.Combine(Folder.CrossLayer, label.Episode));
        Assert.Equal(
            [EpisodeInput.ClientFile, EpisodeInput.KernelFile, EpisodeInput.ServerFile],
            files.Where(file => file.EndsWith(".json", StringComparison.Ordinal)).Select(Path.GetFileName).Order());
        foreach (var file in files)
        {
            var text = await File.ReadAllTextAsync(file);
            Assert.All(ScenarioCatalog.Everything, scenario => Assert.DoesNotContain($"{scenario.Name}\"", text, StringComparison.OrdinalIgnoreCase));
            Assert.All(ScenarioCatalog.Everything.Where(scenario => scenario.Name.Contains('_', StringComparison.Ordinal)),
                scenario => Assert.DoesNotContain(scenario.Name, text, StringComparison.OrdinalIgnoreCase));
        }

        // Two namespaces have ends of connections; the router's drops are in none.
        using var events = RecordReader<DatedKernelEvent>.Open(Path.Combine(Folder.CrossLayer, label.Episode, EpisodeInput.KernelFile), KernelEventJson.Kind);
        var seen = events.ReadAll().Where(dated => dated.Event.IsOfKernel).ToList();
        Assert.Equal(2, seen.Select(dated => dated.Event.NetnsCookie).Distinct().Count());
        Assert.All(seen, dated => Assert.Contains(LabSession.Port, (ushort[])[dated.Event.LocalPort, dated.Event.PeerPort]));

        // Every request that the oracle knows has its record, by the same name.
        using var records = RecordReader<Actors.Requests.RequestRecord>.Open(Path.Combine(Folder.CrossLayer, label.Episode, EpisodeInput.ClientFile), RequestRecordJson.Kind);
        Assert.Equal(label.Requests.Select(request => request.RequestId).Order(), records.ReadAll().Select(record => record.RequestId.Text).Order());
    }

    [RequiresLabFact]
    public async Task A_run_that_was_ended_goes_on_where_it_was()
    {
        Assert.Equal((ExitCode.Done, ""), await RunAsync("server_abort"));
        var label = Assert.Single(Directory.GetFiles(Folder.Labels));
        var before = await File.ReadAllBytesAsync(label);
        Assert.Equal((ExitCode.Done, ""), await RunAsync("server_abort"));
        Assert.Equal(before, await File.ReadAllBytesAsync(label));

        File.Delete(label);
        Assert.Equal((ExitCode.Done, ""), await RunAsync("server_abort"));
        Assert.NotEqual(before, await File.ReadAllBytesAsync(label));

        var (exit, error) = await RunAsync("path_loss");
        Assert.Equal(ExitCode.BadInput, exit);
        Assert.Contains("holds an experiment with other options (--episodes 1 --seed 2", error, StringComparison.Ordinal);
    }

    [RequiresLabFact]
    public async Task A_run_that_is_interrupted_leaves_whole_episodes_and_no_lab()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var output = new StringWriter();
        var exit = await Program.RunAsync(Arguments("path_loss", "--episodes", "20"), output, TextWriter.Null, interrupt.Token);
        Assert.Equal(ExitCode.Failed, exit);
        Assert.Contains("the same command goes on", output.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(Folder.CrossLayer) ? Directory.GetDirectories(Folder.CrossLayer, "*.part") : []);
        Assert.Empty(await LabNetwork.RemoveLeftoversAsync());
    }

    [RequiresLabFact]
    public async Task A_scenario_that_does_not_exist_is_refused_before_anything_is_made()
    {
        var (exit, error) = await RunAsync("path-loss");
        Assert.Equal(ExitCode.BadInput, exit);
        Assert.StartsWith("error: --scenario is 'path-loss'; expected all, or some of normal, path_loss,", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private async Task<(int Exit, string Error)> RunAsync(string scenario)
    {
        var error = new StringWriter();
        var exit = await Program.RunAsync(Arguments(scenario, "--episodes", "1"), TextWriter.Null, error);
        return (exit, error.ToString());
    }

    private string[] Arguments(string scenario, params string[] more) =>
        ["experiment", "--phase", "scenarios", "--scenario", scenario, "--seed", "2", "--output", _folder, .. more];
}
