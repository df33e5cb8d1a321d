using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CrossLayer.Host.Outputs;
using CrossLayer.Host.Tests.Outputs;

namespace CrossLayer.Host.Tests.Commands;

public sealed class HealthCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_daemon_that_is_well_is_0_and_what_it_says()
    {
        await using var running = await RunningOutputs.StartAsync();

        var (code, output, error) = await AskAsync(running.Outputs.Address!, "--ready");

        Assert.Equal((ExitCode.Done, ""), (code, error));
        Assert.StartsWith("{\"status\":\"ok\",\"checks\":[", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_ready_is_1_and_alive_is_0()
    {
        var unwritable = RunningOutputs.Daemon with { Journal = () => new JournalReading(false, "the disk is full", RunningOutputs.Started, 0, 0) };
        await using var running = await RunningOutputs.StartAsync(unwritable);

        var (ready, output, _) = await AskAsync(running.Outputs.Address!, "--ready");
        var (alive, _, _) = await AskAsync(running.Outputs.Address!);

        Assert.Equal((ExitCode.Failed, ExitCode.Done), (ready, alive));
        Assert.Contains("the disk is full", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_not_there_is_1_and_one_line()
    {
        var running = await RunningOutputs.StartAsync();
        var address = running.Outputs.Address!;
        await running.DisposeAsync();

        var (code, output, error) = await AskAsync(address);

        Assert.Equal((ExitCode.Failed, ""), (code, error));
        Assert.StartsWith($"http://{address}/healthz: ", output, StringComparison.Ordinal);
        Assert.Single(output.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task One_that_does_not_listen_cannot_be_asked()
    {
        var (code, _, error) = await RunAsync("--set", "outputs.http.listen=off");

        Assert.Equal((ExitCode.BadInput, "error: crosslayer.outputs.http.listen is off: the daemon cannot be asked\n"), (code, error));
    }

    [Fact]
    public async Task Token_and_certificate_are_those_that_the_daemon_is_configured_with()
    {
        var ours = Certificate("ours");
        var other = Certificate("other");
        var token = _folder.File("token", "s3cret\n");
        await using var running = await RunningOutputs.StartAsync(settings:
            $"crosslayer.outputs.http {{ tls-certificate = \"{ours}.crt\", tls-key = \"{ours}.key\", token-file = \"{token}\" }}");
        var address = running.Outputs.Address!;

        var (known, text, _) = await AskAsync(address, Settings(ours, token));
        var (stranger, refused, _) = await AskAsync(address, Settings(other, token));
        var (without, unauthorized, _) = await AskAsync(address, Settings(ours, ""));

        Assert.Equal((ExitCode.Done, ExitCode.Failed, ExitCode.Failed), (known, stranger, without));
        Assert.StartsWith("{\"status\":\"ok\"", text, StringComparison.Ordinal);
        Assert.StartsWith($"https://{address}/healthz: ", refused, StringComparison.Ordinal);
        Assert.EndsWith(": 401\n", unauthorized, StringComparison.Ordinal);

        static string[] Settings(string certificate, string token) =>
        [
            "--set", $"outputs.http.tls-certificate={certificate}.crt", "--set", $"outputs.http.tls-key={certificate}.key", "--set", $"outputs.http.token-file={token}",
        ];
    }

    public void Dispose() => _folder.Dispose();

    private string Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        _folder.File($"{name}.crt", certificate.ExportCertificatePem());
        _folder.File($"{name}.key", key.ExportPkcs8PrivateKeyPem());
        return _folder.File(name);
    }

    private static Task<(int Code, string Output, string Error)> AskAsync(IPEndPoint address, params string[] more) =>
        RunAsync(["--set", $"outputs.http.listen={address}", .. more]);

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Program.RunAsync(["health", .. arguments], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
