using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;

namespace CrossLayer.Actors.Cluster;

/// <summary>What Akka has to be told for a cluster: remoting, membership, who is taken out, sharding.</summary>
internal static class ClusterConfiguration
{
    /// <summary>Actors that other members may find by their path: nothing else answers to a path from outside.</summary>
    private static readonly string[] Found =
    [
        "/system/cluster/core/daemon", "/system/cluster/heartbeatReceiver", "/system/cluster/core/daemon/crossDcHeartbeatReceiver", "/remote-watcher",
        "/system/remote-watcher", "/system/distributedPubSubMediator", "/user/ddataReplicator", "/system/sharding/replicator",
        $"/system/sharding/{ClusterHost.LanesName}", $"/system/sharding/{ClusterHost.LanesName}Coordinator",
        $"/system/sharding/{ClusterHost.LanesName}Coordinator/singleton/coordinator", $"/user/{HostName.Link}", $"/user/{RollCallActor.Name}",
    ];

    /// <summary>Goes over the program's configuration.</summary>
    internal static Config For(ClusterSettings settings) => ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
        akka {
          actor {
            provider = cluster
            serializers.crosslayer-cluster = "{{typeof(ClusterSerializer).AssemblyQualifiedName}}"
            serialization-bindings { "{{typeof(ClusterMessage).AssemblyQualifiedName}}" = crosslayer-cluster }
            serialization-identifiers { "{{typeof(ClusterSerializer).AssemblyQualifiedName}}" = {{ClusterSerializer.Id}} }
          }
          remote {
            # One that is started again is answered at once: until its peers' gates open, what they say to it is lost, and it takes itself for alone.
            retry-gate-closed-for = 1s
            untrusted-mode = on
            trusted-selection-paths = [{{string.Join(", ", Found.Select(path => $"\"{path}\""))}}]
            dot-netty.tcp {
              hostname = "{{settings.BindHost}}"
              public-hostname = "{{settings.Host}}"
              port = {{settings.Port}}
              public-port = {{settings.Port}}
              enable-ssl = {{(settings.Tls is null ? "off" : "on")}}
              maximum-frame-size = 1048576b
              send-buffer-size = 1048576b
              receive-buffer-size = 1048576b
            }
          }
          cluster {
            seed-node-timeout = 10s
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            split-brain-resolver { active-strategy = keep-majority, stable-after = 7s }
            failure-detector.acceptable-heartbeat-pause = 5s
            run-coordinated-shutdown-when-down = off # ClusterHost.Removed: the program ends its actors in its own order
            sharding { state-store-mode = ddata, remember-entities = off, distributed-data.durable.keys = [] }
            distributed-data.durable.keys = []
          }
          coordinated-shutdown.phases.cluster-exiting.timeout = 5s # where the others end as well, there is nobody to confirm it
          coordinated-shutdown.phases.{{FailedHandshakes.Phase}}.timeout = 3650d # FailedHandshakes: for as long as the program runs
        }
        """));

    /// <summary>The certificates, read and held against each other.</summary>
    /// <exception cref="ConfigurationException">A file cannot be read, or is not what it should be.</exception>
    internal static DotNettySslSetup Certificates(ClusterTls tls)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key);
            // A key that is in memory alone serves no TLS server on every platform.
            var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
            var authority = new X509Certificate2Collection();
            authority.ImportFromPemFile(tls.Authority);
            if (authority.Count == 0)
                throw new ConfigurationException($"{ClusterSettings.Section}.tls.authority = {tls.Authority} holds no certificate");
            if (!IsOf(certificate, authority))
                throw new ConfigurationException($"{ClusterSettings.Section}.tls.certificate = {tls.Certificate} is not signed by {tls.Authority}, or not valid now");
            return new DotNettySslSetup(certificate, suppressValidation: false, requireMutualAuthentication: true,
                (presented, _, _, _, _) => presented is not null && IsOf(presented, authority));
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{ClusterSettings.Section}.tls: {exception.Message}", exception);
        }
    }

    /// <summary>Whoever the members' authority has signed is a member: names are not looked at, since members come and go by address.</summary>
    private static bool IsOf(X509Certificate2 certificate, X509Certificate2Collection authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
