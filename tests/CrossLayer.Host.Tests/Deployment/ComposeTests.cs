using System.Collections;
using System.CommandLine;
using System.Net;
using System.Text.RegularExpressions;
using Akka.Configuration;
using CrossLayer.Actors.Journal;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Ingest.AccessLogs;
using YamlDotNet.Core;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>docker/compose.yaml held against the program, the tree and the manifests of Kubernetes.</summary>
public sealed partial class ComposeTests
{
    private const string Results = "/var/lib/crosslayer/results";

    private static readonly Compose File = Compose.Read();
    private static readonly string[] Ours = ["server", "load", "daemon"];

    [Fact]
    public void A_key_that_compose_does_not_know_is_found() =>
        Assert.Throws<YamlException>(() => Compose.Read(Compose.Text.Replace("cap_add:", "cap_ad:", StringComparison.Ordinal)));

    [Fact]
    public void Every_part_of_the_mission_is_there() =>
        Assert.Equal(["daemon", "grafana", "load", "postgres", "prometheus", "server"], File.Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void What_is_mounted_is_in_the_tree_or_made_by_prepare()
    {
        var prepare = System.IO.File.ReadAllText(Path.Combine(Compose.Folder, "prepare.sh"));
        foreach (var (host, _, mode) in File.Services.Values.SelectMany(service => service.Files))
        {
            if (host == Path.Combine(Manifests.Repository, "results"))
                continue; // made by prepare.sh
            Assert.True(Path.Exists(host), host);
            Assert.Equal("ro", mode);
        }

        Assert.All(File.Secrets, secret =>
        {
            Assert.Equal($"./secrets/{secret.Key}", secret.Value.File);
            Assert.Contains(secret.Key, prepare, StringComparison.Ordinal);
        });
        Assert.Equal(File.Secrets.Keys.Order(StringComparer.Ordinal), File.Services.Values.SelectMany(service => service.Secrets).Order(StringComparer.Ordinal));
        Assert.Contains("docker/secrets/", System.IO.File.ReadAllLines(Path.Combine(Manifests.Repository, ".gitignore")));
    }

    [Fact]
    public void Named_volumes_and_dependencies_are_declared()
    {
        var named = File.Services.Values.SelectMany(service => service.Volumes).Select(volume => volume.Split(':')[0]).Where(source => source[0] is not ('.' or '/'));

        Assert.Equal(File.Volumes.Keys.Order(StringComparer.Ordinal), named.Order(StringComparer.Ordinal));
        foreach (var (name, dependency) in File.Services.Values.SelectMany(service => service.DependsOn))
        {
            Assert.Equal("service_healthy", dependency.Condition);
            Assert.NotEmpty(File.Services[name].Healthcheck!.Test);
        }
    }

    [Fact]
    public void Only_the_daemon_has_capabilities_and_they_are_those_of_the_DaemonSet()
    {
        var probe = Assert.Single(Manifests.Probe.Spec.Template.Spec.Containers).SecurityContext.Capabilities;
        foreach (var name in Ours)
        {
            var service = File.Services[name];
            Assert.Equal(["ALL"], service.CapDrop);
            Assert.Equal(name == "daemon" ? probe.Add : [], service.CapAdd);
            Assert.Equal(["no-new-privileges:true"], service.SecurityOpt);
            Assert.True(service.ReadOnly);
            Assert.Equal(name == "daemon", service.User == "0:0");
        }

        Assert.All(probe.Add, capability => Assert.Matches($"(?m)^ +- {capability} # .{{10,}}$", Compose.Text));
    }

    [Fact]
    public void Nothing_listens_beyond_loopback()
    {
        Assert.All(File.Services.Values.SelectMany(service => service.Ports), port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal));
        Assert.Contains("--web.listen-address=127.0.0.1:9090", File.Services["prometheus"].Command);
        Assert.Equal("127.0.0.1", File.Services["grafana"].Environment["GF_SERVER_HTTP_ADDR"]);
        Assert.True(IPAddress.IsLoopback(Address(Daemon(), "outputs.http").Address));
    }

    [Fact]
    public void No_password_is_in_it() => Assert.All(
        File.Services.Values.SelectMany(service => service.Environment).Where(variable => variable.Key.Contains("PASSWORD", StringComparison.Ordinal)),
        variable =>
        {
            Assert.EndsWith("_FILE", variable.Key, StringComparison.Ordinal);
            Assert.Contains(variable.Value["/run/secrets/".Length..], File.Secrets.Keys);
        });

    [Fact]
    public void The_daemons_configuration_is_in_order_and_follows_what_server_and_load_write()
    {
        using var folder = new TemporaryFolder();
        var config = Daemon($"journal.connection-string-file={folder.File("connection", "Host=127.0.0.1;Database=x;Username=y\n")}");
        var (settings, _) = RunCommand.Read(config);

        Assert.Equal([ushort.Parse(Argument("server", "--port"), null)], settings.Probe.Filter.Ports);
        Assert.Equal(new Uri(Argument("load", "--url")).Port, settings.Probe.Filter.Ports[0]);
        Assert.Equal("server", new Uri(Argument("load", "--url")).Host);
        Assert.Equal(JournalProvider.PostgreSql, JournalSettings.From(config).Provider);
        // Without --output both write to their defaults, below the image's working folder.
        Assert.Equal([$"{Results}/server_metrics.jsonl", $"{Results}/client_metrics.jsonl"], AccessLogSettings.From(config).Logs.Select(log => log.Path));
        Assert.All(Ours, name => Assert.Contains(File.Services[name].Files, file => file.Container == Results));
        var state = config.GetString("crosslayer.ingest.state-folder");
        Assert.Contains($"daemon-state:{state}", File.Services["daemon"].Volumes);
        Assert.Equal("/run/secrets/journal-connection", Daemon().GetString("crosslayer.journal.connection-string-file"));
        Assert.Contains("journal-connection", File.Services["daemon"].Secrets);
    }

    [Fact]
    public void Command_lines_are_understood()
    {
        foreach (var (name, command) in new (string, Command)[] { ("server", ServeCommand.Create()), ("load", LoadCommand.Create()), ("daemon", RunCommand.Create()) })
        {
            Assert.Equal(command.Name, File.Services[name].Command[0]);
            var words = File.Services[name].Command.Skip(1).Select(word => Default().Replace(word, "$1")).ToArray();
            Assert.Empty(command.Parse(words).Errors);
        }

        var health = File.Services["daemon"].Healthcheck!.Test;
        Assert.Equal(["CMD", "crosslayer", "health"], health.Take(3));
        Assert.Empty(HealthCommand.Create().Parse([.. health.Skip(3)]).Errors);
        Assert.Equal(Argument("daemon", "--config"), health[health.IndexOf("--config") + 1]);
        Assert.Contains(File.Services["daemon"].Files, file => file.Container == Argument("daemon", "--config"));
    }

    [Fact]
    public void Prometheus_asks_the_daemon_and_Grafana_asks_Prometheus()
    {
        var prometheus = System.IO.File.ReadAllText(Path.Combine(Manifests.Repository, "config/prometheus/prometheus.yml"));
        Assert.Contains($"\"{Address(Daemon(), "outputs.http")}\"", prometheus, StringComparison.Ordinal);
        Assert.All(["daemon", "prometheus", "grafana"], name => Assert.Equal("host", File.Services[name].NetworkMode));
        Assert.Contains("url: http://127.0.0.1:9090", System.IO.File.ReadAllText(Path.Combine(Compose.Folder, "grafana/datasource.yaml")), StringComparison.Ordinal);

        // The dashboard is the one of config/, not a copy.
        var path = Assert.Single(File.Services["grafana"].Files, file => file.Host == Path.Combine(Manifests.Repository, "config/grafana")).Container;
        Assert.Contains($"path: {path}\n", System.IO.File.ReadAllText(Path.Combine(Compose.Folder, "grafana/dashboards.yaml")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_daemon_has_the_time_that_it_takes_to_end() => Assert.True(
        int.Parse(File.Services["daemon"].StopGracePeriod!.TrimEnd('s'), null) > Daemon().GetTimeSpan("crosslayer.daemon.stop-timeout").TotalSeconds);

    private static Config Daemon(params string[] set) => ConfigurationLoader.Load(Path.Combine(Compose.Folder, "crosslayer.conf"), set, new Hashtable());

    private static IPEndPoint Address(Config config, string section) => IPEndPoint.Parse(config.GetString($"crosslayer.{section}.listen"));

    private static string Argument(string service, string option) => File.Services[service].Command[File.Services[service].Command.IndexOf(option) + 1];

    // ${NAME:-value} is value, unless somebody says otherwise.
    [GeneratedRegex(@"\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex Default();
}
