using System.CommandLine;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Tests.Analysis;

namespace CrossLayer.Host.Tests.Commands;

/// <summary>Phase comparison of an experiment that was recorded: it needs neither root nor a lab.</summary>
public sealed class ExperimentComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private ExperimentFolder Folder => new(_folder.Root);

    [Theory]
    [InlineData()]
    [InlineData("--episodes", "3", "--seed", "7", "--scenario", "path_loss")]
    public async Task It_analyses_what_is_there(params string[] options)
    {
        WriteExperiment();

        var (exitCode, output) = await RunAsync(options);

        Assert.Equal(ExitCode.Done, exitCode);
        Assert.StartsWith("Of 6 impacted requests in 3 episodes with a fault at a known level", output, StringComparison.Ordinal);
        Assert.EndsWith($"report in {Path.Combine(Folder.Analysis, "report.html")}\n", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Folder.Analysis, "report.html")));
    }

    [Fact]
    public async Task Options_of_another_experiment_are_refused()
    {
        WriteExperiment();

        var refused = await Assert.ThrowsAsync<InputException>(() => RunAsync("--seed", "8"));

        Assert.StartsWith($"{_folder.Root} holds an experiment with other options (--episodes 3 --seed 7, 1 scenarios)", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Folder.Analysis));
    }

    [Fact]
    public async Task Where_nothing_was_begun_nothing_is_made()
    {
        var refused = await Assert.ThrowsAsync<InputException>(() => RunAsync());

        Assert.EndsWith("; expected the plan of an experiment", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public async Task What_is_stopped_says_how_it_can_be_done_again()
    {
        WriteExperiment();
        using var stopped = new CancellationTokenSource();
        await stopped.CancelAsync();

        var (exitCode, output) = await RunAsync(stopped.Token);

        Assert.Equal((ExitCode.Failed, $"stopped; nothing was concluded from {_folder.Root}, and crosslayer analyze --input {_folder.Root} does so\n"), (exitCode, output));
        Assert.False(Directory.Exists(Folder.Analysis));
    }

    public void Dispose() => _folder.Dispose();

    private void WriteExperiment()
    {
        ExperimentPlan.Of(3, 7, ["path_loss"]).Write(Folder.Plan);
        foreach (var episode in LiteralExperiment.Whole.Episodes)
        {
            episode.Label.Write(Folder.LabelOf(episode.Label.Episode));
            Directory.CreateDirectory(Path.Combine(Folder.CrossLayer, episode.Label.Episode));
        }
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] options) => RunAsync(CancellationToken.None, options);

    private async Task<(int ExitCode, string Output)> RunAsync(CancellationToken cancellation, params string[] options)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = TextWriter.Null };
        var exitCode = await ExperimentCommand.Create((_, token) => token.IsCancellationRequested
                ? Task.FromCanceled<ScoredExperiment>(token) : Task.FromResult(LiteralExperiment.Whole))
            .Parse(["--phase", "comparison", "--output", _folder.Root, .. options]).InvokeAsync(configuration, cancellation);
        return (exitCode, output.ToString());
    }
}
