using System.Text.Json;
using CrossLayer.Tests;

namespace CrossLayer.Integration.Tests.Recording;

/// <summary>Nothing of the machine that replays is in what it says.</summary>
public class ReplayAnywhereTests
{
    [Theory]
    [InlineData("TZ=UTC")]
    [InlineData("TZ=Asia/Kathmandu", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "DOTNET_PROCESSOR_COUNT=1")]
    [InlineData("TZ=America/St_Johns", "LANG=de_DE.UTF-8", "DOTNET_PROCESSOR_COUNT=16", "DOTNET_EnableHWIntrinsic=0")]
    public async Task A_recording_has_the_same_verdicts_in_every_surrounding(params string[] surrounding)
    {
        using var program = new CrossLayerProgram();
        RecordingFixture.WriteTo(program.FileIn("journal.db"));
        var assembly = Path.Combine(AppContext.BaseDirectory, "CrossLayer.Host.dll");

        var (exitCode, output, error) = await program.RunAsync("env", [.. surrounding, "dotnet", assembly, "replay", "--journal", "journal.db", "-o", "json"]);

        Assert.True(exitCode == 0, error);
        var result = JsonDocument.Parse(output).RootElement;
        Assert.Equal(RecordingFixture.VerdictHash, result.GetProperty("verdict_hash").GetString());
        Assert.Equal(4, result.GetProperty("changed").GetProperty("unchanged").GetInt32());
        Assert.Equal(0, result.GetProperty("changed").GetProperty("requests").GetArrayLength());
    }
}
