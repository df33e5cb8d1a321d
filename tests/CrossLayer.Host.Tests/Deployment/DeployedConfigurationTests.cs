using System.Net;
using System.Net.Http.Headers;
using CrossLayer.Actors.Cluster;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Daemon;
using CrossLayer.Host.Tests.Outputs;
using k8s.Models;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>The manifests held against the program: settings, ports, paths, command lines.</summary>
public sealed class DeployedConfigurationTests
{
    private static readonly int ClusterPort = Manifests.Defaults.GetInt("crosslayer.cluster.port");
    private static readonly int HttpPort = IPEndPoint.Parse(Manifests.Defaults.GetString("crosslayer.outputs.http.listen")).Port;

    private static V1Container Probe => Assert.Single(Manifests.Probe.Spec.Template.Spec.Containers);

    private static V1Container Seed => Assert.Single(Manifests.Seeds.Spec.Template.Spec.Containers);

    private static V1Container Application => Assert.Single(Manifests.Application.Spec.Template.Spec.Containers);

    [Fact]
    public void Everything_that_the_program_checks_at_its_start_is_in_order()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("any", "x");
        string[] files = [$"outputs.http.tls-certificate={file}", $"outputs.http.tls-key={file}", $"outputs.http.token-file={file}"];

        var (probe, parts) = RunCommand.Read(Manifests.ConfigurationOf(Probe, files));
        var (seed, _) = RunCommand.Read(Manifests.ConfigurationOf(Seed, files));

        Assert.True(probe.ProbeIsRequired);
        Assert.False(probe.KeepPrivileges);
        Assert.False(seed.ProbeIsRequired);
        Assert.Contains($"cluster: 192.0.2.7:{ClusterPort} (TLS), by the addresses of crosslayer-seeds.crosslayer.svc", parts);
    }

    [Fact]
    public void It_holds_all_of_the_clusters_configuration()
    {
        var deployed = HoconFile.Read(Manifests.Configuration);
        var shipped = HoconFile.Read(Path.Combine(Manifests.Repository, "config", "cluster.conf"));

        Assert.All(ConfigurationKeys.Of(shipped).Leaves, key => Assert.Equal(shipped.GetString(key), deployed.GetString(key)));
    }

    [Fact]
    public void A_variable_of_the_environment_that_is_no_setting_is_found()
    {
        var container = Seed;
        container.Env.Add(new V1EnvVar { Name = "CROSSLAYER_CLUSTER__HOSTS", Value = "x" });

        Assert.Throws<InputException>(() => Manifests.ConfigurationOf(container));
    }

    [Fact]
    public void Members_are_told_their_own_address_and_writer()
    {
        var (probe, seed) = (Manifests.ConfigurationOf(Probe), Manifests.ConfigurationOf(Seed));

        Assert.Equal(("192.0.2.7", "node-7"), (ClusterSettings.From(probe).Host, probe.GetString("crosslayer.journal.writer")));
        Assert.Equal(("10.244.1.7", "crosslayer-seeds-0"), (ClusterSettings.From(seed).Host, seed.GetString("crosslayer.journal.writer")));
    }

    [Fact]
    public void The_clusters_service_is_the_seeds()
    {
        var service = Manifests.One<V1Service>("base/seeds-service.yaml").Metadata.Name;
        var space = Manifests.One<V1Namespace>("base/namespace.yaml").Metadata.Name;

        Assert.Equal($"{service}.{space}.svc", ClusterSettings.From(Manifests.ConfigurationOf(Probe)).Service);
    }

    [Fact]
    public void Ports_are_the_programs()
    {
        foreach (var container in new[] { Probe, Seed })
            Assert.Equal([("cluster", ClusterPort), ("http", HttpPort)], container.Ports.Select(port => (port.Name, port.ContainerPort)));
        Assert.Equal(ClusterPort, ClusterSettings.From(Manifests.ConfigurationOf(Probe)).Port);
        Assert.Equal(HttpPort, IPEndPoint.Parse(Manifests.ConfigurationOf(Probe).GetString("crosslayer.outputs.http.listen")).Port);
        Assert.Equal(ClusterPort, Assert.Single(Manifests.One<V1Service>("base/seeds-service.yaml").Spec.Ports).Port);
        Assert.Equal([$"{ClusterPort}", $"{HttpPort}"],
            Manifests.One<V1NetworkPolicy>("base/network-policy.yaml").Spec.Ingress.Select(rule => Assert.Single(rule.Ports).Port.Value));

        var web = Assert.Single(Application.Ports);
        Assert.Equal($"{web.ContainerPort}", Application.Args[Application.Args.IndexOf("--port") + 1]);
        Assert.Equal(web.ContainerPort, Assert.Single(Manifests.One<V1Service>("overlays/lab/application.yaml").Spec.Ports).Port);
        var lab = Assert.Single(Manifests.One<V1DaemonSet>("overlays/lab/probe.yaml").Spec.Template.Spec.Containers);
        Assert.Equal([$"{web.ContainerPort}"], Manifests.ConfigurationOf(lab).GetStringList("crosslayer.probe.ports"));
    }

    [Fact]
    public void Command_lines_are_understood()
    {
        foreach (var container in new[] { Probe, Seed })
        {
            Assert.Equal("run", container.Args[0]);
            Assert.Empty(RunCommand.Create().Parse([.. container.Args.Skip(1)]).Errors);
            Assert.Contains(container.VolumeMounts, mount => mount.MountPath == container.Args[^1] && mount.SubPath == Path.GetFileName(Manifests.Configuration));
        }

        Assert.Equal("serve", Application.Args[0]);
        Assert.Empty(ServeCommand.Create().Parse([.. Application.Args.Skip(1)]).Errors);
    }

    [Fact]
    public void Files_that_settings_name_are_in_the_Secrets_that_are_mounted()
    {
        foreach (var (pod, production) in new[] { (Manifests.Probe.Spec.Template.Spec, "probe"), (Manifests.Seeds.Spec.Template.Spec, "seeds") })
        {
            var over = Assert.Single(Manifests.Pods(Manifests.Read($"overlays/production/{production}.yaml"))).Spec;
            var container = Assert.Single(pod.Containers);
            container.Env = [.. container.Env, .. over.Containers[0].Env];
            var config = Manifests.ConfigurationOf(container);
            foreach (var (key, secret) in new[]
            {
                ("cluster.tls.certificate", "crosslayer-tls/tls.crt"), ("cluster.tls.key", "crosslayer-tls/tls.key"), ("cluster.tls.authority", "crosslayer-tls/ca.crt"),
                ("outputs.http.tls-certificate", "crosslayer-tls/tls.crt"), ("outputs.http.tls-key", "crosslayer-tls/tls.key"),
                ("outputs.http.token-file", "crosslayer-token/token"), ("journal.connection-string-file", "crosslayer-journal/connection-string"),
            })
                Assert.Equal(secret, Behind(config.GetString($"crosslayer.{key}")));
            Assert.Equal("postgresql", config.GetString("crosslayer.journal.provider"));

            string Behind(string path)
            {
                var mount = container.VolumeMounts.Concat(over.Containers[0].VolumeMounts).Single(mount => mount.MountPath == Path.GetDirectoryName(path));
                var volume = pod.Volumes.Concat(over.Volumes).Single(volume => volume.Name == mount.Name);
                Assert.True(mount.ReadOnlyProperty);
                Assert.Equal(production == "probe" ? 0x100 : 0x120, volume.Secret.DefaultMode); // 0400, 0440
                return $"{volume.Secret.SecretName}/{Path.GetFileName(path)}";
            }
        }
    }

    [Fact]
    public void What_is_written_is_in_volumes()
    {
        foreach (var container in new[] { Probe, Seed })
        {
            var config = Manifests.ConfigurationOf(container);
            foreach (var key in new[] { "crosslayer.journal.path", "crosslayer.ingest.state-folder", "crosslayer.ingest.unix.path" })
            {
                if (config.GetString(key) is { Length: > 0 } path)
                    Assert.Contains(container.VolumeMounts, mount => mount.ReadOnlyProperty != true && path.StartsWith(mount.MountPath + "/", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Applications_report_to_the_socket_that_the_daemon_makes_and_may_use_it()
    {
        var (daemon, application) = (Manifests.Probe.Spec.Template.Spec, Manifests.Application.Spec.Template.Spec);

        Assert.Equal($"unix://{Manifests.ConfigurationOf(Probe).GetString("crosslayer.ingest.unix.path")}", Application.Args[Application.Args.IndexOf("--report-to") + 1]);
        Assert.Equal(daemon.SecurityContext.RunAsGroup, application.SecurityContext.RunAsGroup);
        Assert.Equal(daemon.Volumes.Single(volume => volume.Name == "run").HostPath.Path, application.Volumes.Single(volume => volume.Name == "run").HostPath.Path);
    }

    [Fact]
    public void Pods_have_the_time_that_the_daemon_takes_to_end()
    {
        var stop = Manifests.ConfigurationOf(Probe).GetTimeSpan("crosslayer.daemon.stop-timeout").TotalSeconds;

        Assert.True(Manifests.Probe.Spec.Template.Spec.TerminationGracePeriodSeconds > stop);
        Assert.True(Manifests.Seeds.Spec.Template.Spec.TerminationGracePeriodSeconds > stop);
    }

    [Fact]
    public async Task Probes_are_answered_without_the_token_that_Prometheus_has_to_show()
    {
        using var folder = new TemporaryFolder();
        var monitor = Assert.Single(Manifests.One<PodMonitor>("overlays/production/pod-monitor.yaml").Spec.PodMetricsEndpoints);
        var open = Manifests.ConfigurationOf(Probe).GetString("crosslayer.outputs.http.health-without-token");
        await using var running = await RunningOutputs.StartAsync(
            settings: $"crosslayer.outputs.http {{ token-file = \"{folder.File("token", "s3cret\n")}\", health-without-token = {open} }}");
        V1Probe[] probes = [Probe.LivenessProbe, Probe.ReadinessProbe, Seed.LivenessProbe, Seed.ReadinessProbe];

        Assert.Equal(["/healthz", "/readyz", "/healthz", "/healthz"], probes.Select(probe => probe.HttpGet.Path));
        foreach (var probe in probes)
        {
            Assert.Equal(("http", "HTTPS"), (probe.HttpGet.Port.Value, probe.HttpGet.Scheme));
            Assert.Equal((HttpStatusCode.OK, "{\"status\":\"ok\"}\n"), await running.GetAsync(probe.HttpGet.Path));
        }

        Assert.Equal(("http", "https"), (monitor.Port, monitor.Scheme));
        Assert.Equal(HttpStatusCode.Unauthorized, (await running.GetAsync(monitor.Path)).Status);
        running.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "s3cret");
        Assert.Equal(HttpStatusCode.OK, (await running.GetAsync(monitor.Path)).Status);
        Assert.Contains("\"checks\"", (await running.GetAsync("/readyz")).Text, StringComparison.Ordinal);
        Assert.Equal(("crosslayer-token/token", "crosslayer-tls/ca.crt"),
            ($"{monitor.Authorization.Credentials.Name}/{monitor.Authorization.Credentials.Key}", $"{monitor.TlsConfig.Ca.Secret.Name}/{monitor.TlsConfig.Ca.Secret.Key}"));
    }

    [Fact]
    public async Task Without_being_told_to_health_asks_for_the_token()
    {
        using var folder = new TemporaryFolder();
        await using var running = await RunningOutputs.StartAsync(settings: $"crosslayer.outputs.http.token-file = \"{folder.File("token", "s3cret\n")}\"");

        Assert.Equal(HttpStatusCode.Unauthorized, (await running.GetAsync("/healthz")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await running.GetAsync("/readyz")).Status);
    }
}
