using System.Diagnostics;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>docker/prepare.sh, run in a folder of the test's own.</summary>
public sealed class PrepareScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _docker;

    public PrepareScriptTests()
    {
        _docker = Directory.CreateDirectory(_folder.File("docker")).FullName;
        File.Copy(Path.Combine(Compose.Folder, "prepare.sh"), Path.Combine(_docker, "prepare.sh"));
    }

    [Fact]
    public async Task It_makes_each_secret_once_in_a_folder_that_only_its_user_enters()
    {
        var (first, output) = await RunAsync();
        var made = Read();
        var (second, _) = await RunAsync();

        Assert.Equal((0, 0), (first, second));
        Assert.Equal(Compose.Read().Secrets.Keys.Order(StringComparer.Ordinal), made.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(made, Read());
        Assert.Equal(48, made["postgres-password"].Length);
        Assert.NotEqual(made["postgres-password"], made["grafana-password"]);
        Assert.EndsWith($";Password={made["postgres-password"]}\n", made["journal-connection"], StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, new DirectoryInfo(Path.Combine(_docker, "secrets")).UnixFileMode);
        Assert.True(Directory.Exists(_folder.File("results")));
        Assert.Matches("^CROSSLAYER_UID=[0-9]+\nCROSSLAYER_GID=[0-9]+\n$", await File.ReadAllTextAsync(Path.Combine(_docker, ".env")));
        Assert.All(made.Values, secret => Assert.DoesNotContain(secret.Trim(), output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bad_usage_is_one_line_and_2()
    {
        var (code, output) = await RunAsync("--zip");

        Assert.Equal((2, "error: unknown option '--zip': see docker/prepare.sh --help\n"), (code, output));
        Assert.False(Directory.Exists(Path.Combine(_docker, "secrets")));
    }

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, string> Read() =>
        Directory.EnumerateFiles(Path.Combine(_docker, "secrets")).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var script = Process.Start(new ProcessStartInfo("bash", [Path.Combine(_docker, "prepare.sh"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await script.StandardOutput.ReadToEndAsync() + await script.StandardError.ReadToEndAsync();
        await script.WaitForExitAsync();
        return (script.ExitCode, output);
    }
}
