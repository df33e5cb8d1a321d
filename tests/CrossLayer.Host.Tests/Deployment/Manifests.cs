using System.Collections;
using Akka.Configuration;
using CrossLayer.Host.Daemon;
using k8s;
using k8s.Models;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>The manifests of kubernetes/, read strictly into a client library's types.</summary>
internal static class Manifests
{
    private static readonly Dictionary<string, Type> OfOthers = new() { ["monitoring.coreos.com/v1/PodMonitor"] = typeof(PodMonitor) };

    public static string Repository
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "CrossLayer.slnx")))
                folder = folder.Parent;
            return folder.FullName;
        }
    }

    public static string Folder { get; } = Path.Combine(Repository, "kubernetes");

    public static string Configuration { get; } = Path.Combine(Folder, "base", "crosslayer.conf");

    /// <summary>Each file that is handed to a cluster, or is laid over one that is; paths within kubernetes/.</summary>
    public static IEnumerable<string> Files => Directory.EnumerateFiles(Folder, "*.yaml", SearchOption.AllDirectories)
        .Where(file => Path.GetFileName(file) != "kustomization.yaml").Select(file => Path.GetRelativePath(Folder, file)).Order(StringComparer.Ordinal);

    public static IReadOnlyList<object> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, OfOthers, strict: true);

    public static IReadOnlyList<object> Read(string file) => Parse(File.ReadAllText(Path.Combine(Folder, file)));

    /// <summary>The one object of a type among those of a file.</summary>
    public static T One<T>(string file) => Assert.Single(Read(file).OfType<T>());

    public static V1DaemonSet Probe => One<V1DaemonSet>("base/probe.yaml");

    public static V1StatefulSet Seeds => One<V1StatefulSet>("base/seeds.yaml");

    public static V1Deployment Application => One<V1Deployment>("overlays/lab/application.yaml");

    /// <summary>The pods of all workloads among objects.</summary>
    public static IReadOnlyList<V1PodTemplateSpec> Pods(IEnumerable<object> objects) => [.. objects.Select(item => item switch
    {
        V1DaemonSet daemons => daemons.Spec.Template,
        V1StatefulSet members => members.Spec.Template,
        V1Deployment application => application.Spec.Template,
        _ => null,
    }).OfType<V1PodTemplateSpec>()];

    /// <summary>What stands above nothing but the program's own defaults.</summary>
    public static Config Defaults { get; } = ConfigurationLoader.Load(null, [], new Hashtable());

    /// <summary>The container's environment, as Kubernetes would set it; what comes from the pod's status has an example value.</summary>
    public static Hashtable Environment(V1Container container) => new((container.Env ?? []).ToDictionary(variable => variable.Name, variable => variable.Value
        ?? variable.ValueFrom.FieldRef.FieldPath switch
        {
            "status.podIP" => "10.244.1.7",
            "status.hostIP" => "192.0.2.7",
            "spec.nodeName" => "node-7",
            "metadata.name" => "crosslayer-seeds-0",
            var other => throw new InvalidOperationException($"{other} is no field that is used here"),
        }));

    /// <summary>What the program in a container is configured with.</summary>
    public static Config ConfigurationOf(V1Container container, params string[] set) => ConfigurationLoader.Load(Configuration, set, Environment(container));

    /// <summary>True if a selector's labels are all among those of a pod.</summary>
    public static bool Selects(IDictionary<string, string> selector, V1PodTemplateSpec pod) =>
        selector.Count > 0 && selector.All(label => pod.Metadata.Labels.TryGetValue(label.Key, out var value) && value == label.Value);
}
