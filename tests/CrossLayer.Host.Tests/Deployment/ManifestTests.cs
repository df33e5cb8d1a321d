using System.Text.RegularExpressions;
using k8s.Models;
using YamlDotNet.Core;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>The manifests among themselves: types, names, selectors, privileges.</summary>
public sealed partial class ManifestTests
{
    public static TheoryData<string> Files => [.. Manifests.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Each_file_holds_what_Kubernetes_knows_and_nothing_else(string file)
    {
        var objects = Manifests.Read(file);

        Assert.NotEmpty(objects);
        Assert.DoesNotContain(objects, item => item is V1Secret); // made by hand, never in the tree
    }

    [Fact]
    public void A_field_that_Kubernetes_does_not_know_is_found()
    {
        var yaml = File.ReadAllText(Path.Combine(Manifests.Folder, "base", "probe.yaml"));

        Assert.ThrowsAny<YamlException>(() => Manifests.Parse(yaml.Replace("hostNetwork:", "hostNetworks:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_file_is_named_in_the_kustomization_beside_it()
    {
        foreach (var file in Manifests.Files)
        {
            var path = Path.Combine(Manifests.Folder, file);
            var kustomization = File.ReadAllLines(Path.Combine(Path.GetDirectoryName(path)!, "kustomization.yaml"));
            Assert.Contains(kustomization, line => line.Trim() is var text && (text == $"- {Path.GetFileName(path)}" || text == $"- path: {Path.GetFileName(path)}"));
        }
    }

    [Fact]
    public void Selectors_select_the_pods_that_they_are_meant_for()
    {
        var (seeds, probe, application) = (Manifests.Seeds, Manifests.Probe, Manifests.Application);
        Assert.True(Manifests.Selects(seeds.Spec.Selector.MatchLabels, seeds.Spec.Template));
        Assert.True(Manifests.Selects(probe.Spec.Selector.MatchLabels, probe.Spec.Template));
        Assert.True(Manifests.Selects(application.Spec.Selector.MatchLabels, application.Spec.Template));

        IDictionary<string, string>[] ofSeeds =
        [
            Manifests.One<V1Service>("base/seeds-service.yaml").Spec.Selector,
            Manifests.One<V1PodDisruptionBudget>("base/disruption-budget.yaml").Spec.Selector.MatchLabels,
            Manifests.One<V1NetworkPolicy>("base/network-policy.yaml").Spec.PodSelector.MatchLabels,
            Assert.Single(seeds.Spec.Template.Spec.Affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution).PodAffinityTerm.LabelSelector.MatchLabels,
        ];
        Assert.All(ofSeeds, selector => Assert.True(Manifests.Selects(selector, seeds.Spec.Template)));
        Assert.All(ofSeeds, selector => Assert.False(Manifests.Selects(selector, probe.Spec.Template)));

        var monitored = Manifests.One<PodMonitor>("overlays/production/pod-monitor.yaml").Spec.Selector.MatchLabels;
        Assert.True(Manifests.Selects(monitored, seeds.Spec.Template));
        Assert.True(Manifests.Selects(monitored, probe.Spec.Template));
        Assert.True(Manifests.Selects(Manifests.One<V1Service>("overlays/lab/application.yaml").Spec.Selector, application.Spec.Template));
    }

    [Fact]
    public void The_seeds_are_found_by_their_name_before_they_are_ready()
    {
        var service = Manifests.One<V1Service>("base/seeds-service.yaml");

        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.True(service.Spec.PublishNotReadyAddresses);
        Assert.Equal(service.Metadata.Name, Manifests.Seeds.Spec.ServiceName);
        Assert.Equal("OrderedReady", Manifests.Seeds.Spec.PodManagementPolicy);
    }

    [Fact]
    public void Only_the_probe_has_capabilities_and_each_line_says_what_for()
    {
        var lines = File.ReadAllLines(Path.Combine(Manifests.Folder, "base", "probe.yaml"));
        var reasons = lines.SkipWhile(line => line.Trim() != "add:").Skip(1).TakeWhile(line => line.TrimStart().StartsWith("- ", StringComparison.Ordinal))
            .Select(line => CapabilityWithReason().Match(line)).ToList();

        Assert.Equal(["BPF", "PERFMON"], Assert.Single(Manifests.Probe.Spec.Template.Spec.Containers).SecurityContext.Capabilities.Add);
        Assert.Equal(["BPF", "PERFMON"], reasons.Select(reason => reason.Groups[1].Value));
        Assert.Equal(lines.Length, lines.Count(line => !line.Contains("privileged:", StringComparison.Ordinal)));
        foreach (var pod in Manifests.Pods([Manifests.Seeds, Manifests.Application]))
        {
            Assert.Null(Assert.Single(pod.Spec.Containers).SecurityContext.Capabilities.Add);
            Assert.True(pod.Spec.SecurityContext.RunAsNonRoot);
            Assert.NotEqual(0, pod.Spec.SecurityContext.RunAsUser);
            Assert.NotEqual(true, pod.Spec.HostNetwork);
        }
    }

    [Fact]
    public void No_pod_can_gain_privileges_write_to_its_image_or_speak_to_the_API_server()
    {
        Assert.False(Manifests.One<V1ServiceAccount>("base/service-account.yaml").AutomountServiceAccountToken);
        foreach (var pod in Manifests.Pods([Manifests.Seeds, Manifests.Probe, Manifests.Application]))
        {
            Assert.False(pod.Spec.AutomountServiceAccountToken);
            Assert.False(pod.Spec.EnableServiceLinks);
            Assert.Equal("RuntimeDefault", pod.Spec.SecurityContext.SeccompProfile.Type);
            var container = Assert.Single(pod.Spec.Containers);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        }
    }

    [Fact]
    public void The_probe_is_at_the_hosts_network_and_still_finds_the_seeds_by_name()
    {
        Assert.True(Manifests.Probe.Spec.Template.Spec.HostNetwork);
        Assert.Equal("ClusterFirstWithHostNet", Manifests.Probe.Spec.Template.Spec.DnsPolicy);
    }

    [Fact]
    public void Each_volume_is_mounted_and_each_mount_is_a_volume()
    {
        foreach (var pod in Manifests.Pods(Manifests.Files.SelectMany(Manifests.Read)).Where(pod => pod.Spec.Volumes is not null))
            Assert.Equal(pod.Spec.Volumes.Select(volume => volume.Name), Assert.Single(pod.Spec.Containers).VolumeMounts.Select(mount => mount.Name));
    }

    [GeneratedRegex(@"^\s+- ([A-Z_]+) # \w.{20,}$")]
    private static partial Regex CapabilityWithReason();
}
