using k8s;
using k8s.Models;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>What is used of Prometheus' operator's PodMonitor, which is in no client library: github.com/prometheus-operator, monitoring.coreos.com/v1.</summary>
[KubernetesEntity(Group = "monitoring.coreos.com", Kind = "PodMonitor", ApiVersion = "v1", PluralName = "podmonitors")]
internal sealed class PodMonitor : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();

    public PodMonitorSpec Spec { get; set; } = new();
}

internal sealed class PodMonitorSpec
{
    public V1LabelSelector Selector { get; set; } = new();

    public IList<PodMetricsEndpoint> PodMetricsEndpoints { get; set; } = [];
}

internal sealed class PodMetricsEndpoint
{
    public string Port { get; set; } = "";

    public string Path { get; set; } = "";

    public string Scheme { get; set; } = "";

    public string Interval { get; set; } = "";

    public PodMonitorTls TlsConfig { get; set; } = new();

    public PodMonitorAuthorization Authorization { get; set; } = new();
}

internal sealed class PodMonitorTls
{
    public string ServerName { get; set; } = "";

    public PodMonitorCertificate Ca { get; set; } = new();
}

internal sealed class PodMonitorCertificate
{
    public V1SecretKeySelector Secret { get; set; } = new();
}

internal sealed class PodMonitorAuthorization
{
    public V1SecretKeySelector Credentials { get; set; } = new();
}
