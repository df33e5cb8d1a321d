using System.Text.Json;
using CrossLayer.Tests;

namespace CrossLayer.Host.Tests.Commands;

public sealed class ReplayCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _journal;

    public ReplayCommandTests()
    {
        _journal = _folder.File("journal.db");
        RecordingFixture.WriteTo(_journal);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_recording_has_the_verdicts_that_it_had()
    {
        var (exitCode, output, error) = await Run("-o", "json");

        Assert.True(exitCode == 0, error);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(RecordingFixture.VerdictHash, result.GetProperty("verdict_hash").GetString());
        Assert.Equal((4, 4), (result.GetProperty("changed").GetProperty("in_the_journal").GetInt32(), result.GetProperty("changed").GetProperty("unchanged").GetInt32()));
        Assert.Equal(9, File.ReadAllLines(_folder.File("replayed.jsonl")).Length);
    }

    [Fact]
    public async Task Other_settings_say_what_changed()
    {
        var (exitCode, output, _) = await Run("--set", "slow=0.01ms", "--set", "crosslayer.correlation.slow-routes=[]", "--window", "50");

        Assert.Equal(0, exitCode);
        Assert.Contains("newly found, 0 no longer found", output, StringComparison.Ordinal);
        Assert.Contains(": none -> discrepant", output, StringComparison.Ordinal);
        Assert.DoesNotContain(RecordingFixture.VerdictHash, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_configuration_goes_before_the_settings_of_the_run_and_the_command_line_before_both()
    {
        File.WriteAllText(_folder.File("slow.conf"), "crosslayer.correlation.slow = 0.01ms");

        var byFile = await Run("--config", _folder.File("slow.conf"), "-o", "jsonl");
        var byBoth = await Run("--config", _folder.File("slow.conf"), "--set", "slow=500ms", "-o", "jsonl");

        Assert.DoesNotContain(RecordingFixture.VerdictHash, byFile.Output, StringComparison.Ordinal);
        Assert.Contains(RecordingFixture.VerdictHash, byBoth.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_requests_of_a_time_are_given()
    {
        var all = await Run("--from", "2020-01-01T00:00:00Z", "-o", "json");
        var none = await Run("--to", "2020-01-01T00:00:00Z");
        var part = await Run("--from", "2026-11-23T22:22:25.5Z", "-o", "json");

        Assert.Equal(RecordingFixture.VerdictHash, JsonDocument.Parse(all.Output).RootElement.GetProperty("verdict_hash").GetString());
        Assert.Equal((2, ""), (none.ExitCode, none.Output));
        Assert.Contains("no recording of that time", none.Error, StringComparison.Ordinal);
        var result = JsonDocument.Parse(part.Output).RootElement;
        Assert.Equal(5, result.GetProperty("summary").GetProperty("correlations").GetInt32());
        Assert.Equal(0, result.GetProperty("changed").GetProperty("requests").GetArrayLength());
    }

    [Fact]
    public async Task The_sessions_are_listed()
    {
        var (_, table, _) = await Run("--list");
        var (_, json, _) = await Run("--list", "-o", "json");

        Assert.Contains("20261123T222221.905Z", table, StringComparison.Ordinal);
        var session = JsonDocument.Parse(json).RootElement[0];
        Assert.Equal((223, 16), (session.GetProperty("kernel_events").GetInt32(), session.GetProperty("records").GetInt32()));
    }

    [Theory]
    [InlineData("holds no session 'x'", "--session", "x")]
    [InlineData("--set is 'slw=1'", "--set", "slw=1")]
    [InlineData("--set is 'slow'", "--set", "slow")]
    [InlineData("crosslayer.correlation.slow = 00:00:00", "--set", "slow=0ms")]
    [InlineData("--set slow=soon", "--set", "slow=soon")]
    [InlineData("cannot read", "--config", "/nowhere/file.conf")]
    [InlineData("--from is 'soon'", "--from", "soon")]
    public async Task What_cannot_be_meant_is_one_line_and_exit_code_2(string expected, params string[] arguments)
    {
        var (exitCode, _, error) = await Run(arguments);

        Assert.Equal(2, exitCode);
        Assert.Contains(expected, Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await Program.RunAsync(["replay", "--journal", _journal, "--output", _folder.File("replayed.json"), .. arguments], output, error);
        return (exitCode, output.ToString(), error.ToString());
    }
}
