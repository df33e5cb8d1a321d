using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Files;
using CrossLayer.Host.Outputs.Jsonl;
using CrossLayer.Host.Tests.Files;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class JsonlOutputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly LoggedLines _log = new();

    private string Path => _folder.File("sub/discrepancies.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Discrepancies_are_written_as_lines_of_correlations_json_and_followed_on_by_the_next_run()
    {
        await WriteAsync(new JsonlSettings { Path = Path }, Correlated.Discrepant(1), Correlated.Healthy(2));
        await WriteAsync(new JsonlSettings { Path = Path }, Correlated.Discrepant(3));

        var read = Records.ReadFile(CorrelationJson.Kind, Path);

        Assert.Equal(["1", "3"], read.Select(correlation => correlation.RequestId.Text));
        Assert.Equal(Cause.PathLoss, read[0].Finding.Cause);
    }

    [Fact]
    public async Task All_means_every_correlation()
    {
        var reading = await WriteAsync(new JsonlSettings { Path = Path, All = true }, Correlated.Discrepant(1), Correlated.Healthy(2));

        Assert.Equal(2, Records.ReadFile(CorrelationJson.Kind, Path).Count);
        Assert.Equal((2, 0), (reading.Delivered, reading.Dropped));
    }

    [Fact]
    public async Task A_full_file_is_put_aside_and_the_oldest_goes()
    {
        var length = Records.ToJson(CorrelationJson.Kind, Correlated.Discrepant(10)).Length + 1;
        var settings = new JsonlSettings { Path = Path, MaxBytes = 2 * length, Keep = 2 };

        await WriteAsync(settings, [.. Enumerable.Range(10, 9).Select(i => Correlated.Discrepant(i))]);

        Assert.Equal(["18"], Ids(Path));
        Assert.Equal(["16", "17"], Ids(Path + ".1"));
        Assert.Equal(["14", "15"], Ids(Path + ".2"));
        Assert.Equal(3, Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!).Length);
        Assert.True(new FileInfo(Path + ".1").Length <= 2 * length);
    }

    [Fact]
    public async Task A_file_that_others_renamed_is_begun_anew_once_told()
    {
        await using var output = new JsonlOutput(new JsonlSettings { Path = Path }, _log);
        output.Publish([Correlated.Discrepant(1)]);
        await UntilWrittenAsync(output, 1);
        File.Move(Path, Path + ".old");
        output.Publish([Correlated.Discrepant(2)]);
        await UntilWrittenAsync(output, 2);
        output.Reopen();
        output.Publish([Correlated.Discrepant(3)]);
        await UntilWrittenAsync(output, 3);

        Assert.Equal(["1", "2"], Ids(Path + ".old"));
        Assert.Equal(["3"], Ids(Path));
    }

    [Fact]
    public async Task Half_a_line_that_a_crash_left_stays_alone()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        await File.WriteAllTextAsync(Path, "{\"request_id\":");
        await WriteAsync(new JsonlSettings { Path = Path }, Correlated.Discrepant(2));

        var lines = await File.ReadAllLinesAsync(Path);

        Assert.Equal(2, lines.Length);
        Assert.Equal("2", Records.FromJson(CorrelationJson.Kind, lines[1]).RequestId.Text);
    }

    [Fact]
    public async Task What_the_disk_does_not_take_is_counted_and_the_next_is_tried_again()
    {
        await File.WriteAllTextAsync(_folder.File("sub"), "a file where the folder should be");
        await using var output = new JsonlOutput(new JsonlSettings { Path = Path }, _log);
        output.Publish([Correlated.Discrepant(1), Correlated.Discrepant(2)]);
        await Wait.UntilAsync(() => output.Reading.Dropped == 2);
        Assert.NotNull(output.Failure);

        File.Delete(_folder.File("sub"));
        output.Publish([Correlated.Discrepant(3)]);
        await UntilWrittenAsync(output, 1);

        Assert.Equal(["3"], Ids(Path));
        await Wait.UntilAsync(() => _log.Lines.Count == 2);
        Assert.StartsWith("Warning: output jsonl: ", _log.Lines[0], StringComparison.Ordinal);
        Assert.Contains(_folder.File("sub"), _log.Lines[0], StringComparison.Ordinal);
        Assert.Equal("Information: output jsonl: works again", _log.Lines[1]);
        Assert.Null(output.Failure);
    }

    private async Task<CrossLayer.Host.Outputs.OutputReading> WriteAsync(JsonlSettings settings, params IReadOnlyList<Correlation> correlations)
    {
        var output = new JsonlOutput(settings, _log);
        output.Publish(correlations);
        await output.DisposeAsync();
        return output.Reading;
    }

    private static Task UntilWrittenAsync(JsonlOutput output, long count) => Wait.UntilAsync(() => output.Reading.Delivered == count);

    private static IEnumerable<string> Ids(string path) =>
        Records.ReadFile(CorrelationJson.Kind, path).Select(correlation => correlation.RequestId.Text);
}
