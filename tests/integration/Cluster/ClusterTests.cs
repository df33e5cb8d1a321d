using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Demo.Cluster;
using CrossLayer.Host.Files;
using CrossLayer.Host.Lab;
using CrossLayer.Integration.Tests.Lab;
using CrossLayer.Probe;
using CrossLayer.Tests.Cluster;

namespace CrossLayer.Integration.Tests.Cluster;

/// <summary>Three daemons on three hosts, encrypted, with real traffic between two of them.</summary>
[Collection("lab")]
public sealed class ClusterTests : IDisposable
{
    private const int Port = 4053;
    private const string Between = "10.77.1.1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly string _folder = Directory.CreateTempSubdirectory("crosslayer-cluster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [RequiresLabFact]
    public async Task Halves_of_two_hosts_tell_where_the_trouble_was_and_neither_strangers_nor_a_crash_change_that()
    {
        TestAuthority.Write(Path.Combine(_folder, "tls"), "members");
        await using var demo = await ClusterDemo.StartAsync(_folder, TestAuthority.Settings(Path.Combine(_folder, "tls")), CancellationToken.None);

        await AssertFourViewsAsync(demo, 200);
        await AssertPlaceAsync(demo, await demo.LoseResponsesAsync(3, CancellationToken.None), 3, TroublePlace.Path, Cause.SilentResponseLoss);
        await AssertPlaceAsync(demo, await demo.StallServerAsync(CancellationToken.None), 1, TroublePlace.ServerApplication, Cause.ProcessStall);
        await AssertPlaceAsync(demo, await demo.CloseUnreadAsync(2, CancellationToken.None), 2, TroublePlace.ClientApplication, Cause.UnreadClose);

        await BesiegeAsync(demo, int.Parse(Environment.GetEnvironmentVariable("CROSSLAYER_HOSTILE") ?? "600", CultureInfo.InvariantCulture));
        foreach (var host in demo.Hosts)
            await host.WaitForMembersAsync(3, CancellationToken.None);
        await AssertFourViewsAsync(demo, 50);

        // The member between has lanes, and no end of any request.
        demo.Hosts[1].Process.Crash();
        await RestartAsync(demo, demo.Hosts[1]);
        await AssertFourViewsAsync(demo, 50);

        // Who is cut off is taken out, and ends in order by himself.
        await demo.CutOffAsync(1, CancellationToken.None);
        await demo.Hosts[1].Process.Ended.WaitAsync(Patience);
        await demo.HealAsync(1, CancellationToken.None);
        Assert.Contains("ending: the cluster has taken this host out", demo.Hosts[1].Printed, StringComparison.Ordinal);
        Assert.DoesNotContain("not ended in order", demo.Hosts[1].Printed, StringComparison.Ordinal);
        await RestartAsync(demo, demo.Hosts[1]);
        await AssertFourViewsAsync(demo, 50);

        var all = demo.ServerHost.Correlations();
        Assert.Equal(all.Count, all.Select(one => (one.StartUnixNs, one.ServerExchange?.Request, one.ServerExchange?.Peer)).Distinct().Count());
        foreach (var host in demo.Hosts.Where(host => host != demo.ServerHost))
            Assert.DoesNotContain(host.Correlations(), one => one.Finding.Verdict == Verdict.Discrepant);
    }

    /// <summary>As an update rolls over them: each leaves and joins again, and the others go on.</summary>
    [RequiresLabFact]
    public async Task Members_are_started_again_one_after_the_other_under_traffic_and_each_request_is_reported()
    {
        TestAuthority.Write(Path.Combine(_folder, "tls"), "members");
        await using var demo = await ClusterDemo.StartAsync(_folder, [.. TestAuthority.Settings(Path.Combine(_folder, "tls")), "cluster.give-up-after=10s"], CancellationToken.None);
        var records = Path.Combine(_folder, "made.jsonl");
        await using (var load = demo.StartLoad(1_000_000, 20, 5000, records))
        {
            foreach (var member in demo.Hosts)
                await RestartAsync(demo, member);
            await load.EndAsync(Patience);
        }

        await AssertFourViewsAsync(demo, 50);
        await SettledAsync(demo);
        foreach (var host in demo.Hosts)
        {
            Assert.Contains("stopped: ", host.Printed, StringComparison.Ordinal);
            Assert.DoesNotContain("not ended in order", host.Printed, StringComparison.Ordinal);
        }

        using var reader = RecordReader<RequestRecord>.Open(records, RequestRecordJson.Kind);
        var made = reader.ReadAll().Where(record => record.Result == RequestResult.Success).Select(record => (Client: record.Local, Id: record.RequestId.Text)).ToList();
        Assert.NotEmpty(made);
        var told = await ReportedAsync(demo, made);
        Assert.Equal([], told.Where(one => one.Finding is { Verdict: Verdict.Discrepant, Cause: not Cause.SlowHandler and not Cause.Unknown })
            .Select(one => $"{one.RequestId} {one.Finding.Cause} at {one.Place}: {one.Finding.Reason}"));
    }

    /// <summary>As a headless service of Kubernetes does it: the name's addresses are those of the moment, and pods come and go.</summary>
    [RequiresLabFact("dnsmasq")]
    public async Task A_cluster_comes_about_by_a_name_whose_addresses_change()
    {
        const string name = "members.crosslayer.test";
        const string nobody = "10.77.1.9";
        await using var network = await LabNetwork.CreateAsync();
        await using var names = new NameServer(network.Router, Between, name, _folder);
        await names.PublishAsync(nobody);

        await using var between = Start(network.Router, "between", Between);
        await using var client = Start(network.Client, "client", $"{LabNetwork.ClientAddress}");
        await WaitForLineAsync(client, $"unreachable remote address [akka.tcp://crosslayer@{nobody}:4053]");
        await names.PublishAsync($"{LabNetwork.ClientAddress}", Between);
        foreach (var host in new[] { between, client })
            await host.WaitForMembersAsync(2, CancellationToken.None);

        // One that finds only a member that is not the first, and not itself.
        await names.PublishAsync($"{LabNetwork.ClientAddress}");
        await using var server = Start(network.Server, "server", $"{LabNetwork.ServerAddress}");
        foreach (var host in new[] { between, client, server })
            await host.WaitForMembersAsync(3, CancellationToken.None);

        ClusterDemoHost Start(LabNamespace host, string own, string address) =>
            ClusterDemoHost.Start(host, own, address, [], ClusterDemo.ServerPort, _folder, [$"cluster.service={name}"], names.Through);
    }

    /// <summary>Waits until each of the requests is in some host's output: what a host has given up is on its way there.</summary>
    private static async Task<IReadOnlyList<Correlation>> ReportedAsync(ClusterDemo demo, List<(Endpoint? Client, string Id)> made)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(300))
        {
            var told = demo.Hosts.SelectMany(host => host.Correlations()).ToList();
            var missing = made.Except(told.Select(one => (Client: one.ClientExchange?.Local ?? one.ServerExchange?.Peer ?? one.ClientRecord?.Local ?? one.ServerRecord?.Peer, Id: one.RequestId.Text))).ToList();
            if (missing.Count == 0)
                return told;
            Assert.True(waited < Patience, $"{missing.Count} of {made.Count} are not reported: {string.Join(", ", missing.Select(one => one.Id))}\n{Told(demo, told)}");
            await Task.Delay(TimeSpan.FromMilliseconds(300));
        }
    }

    /// <summary>No host waits for another one's half any more.</summary>
    private static async Task SettledAsync(ClusterDemo demo)
    {
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromSeconds(1))
        {
            var readings = await Task.WhenAll(demo.Hosts.Select(host => host.ReadAsync(CancellationToken.None)));
            if (readings.All(reading => reading is { Waiting: 0 }))
                return;
            Assert.True(waited < Patience, string.Join(", ", readings.Select(reading => $"{reading?.Own}: {reading?.Waiting}")));
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
    }

    private static async Task WaitForLineAsync(ClusterDemoHost host, string line)
    {
        for (var waited = TimeSpan.Zero; !host.Printed.Contains(line, StringComparison.Ordinal); waited += TimeSpan.FromMilliseconds(200))
        {
            Assert.True(waited < Patience, host.Printed);
            await Task.Delay(200);
        }
    }

    private static async Task RestartAsync(ClusterDemo demo, ClusterDemoHost member)
    {
        await member.RestartAsync();
        foreach (var host in demo.Hosts)
            await host.WaitForMembersAsync(3, CancellationToken.None);
    }

    private static async Task AssertFourViewsAsync(ClusterDemo demo, int requests)
    {
        var time = await demo.LoadAsync(requests, 5, 5000, CancellationToken.None);
        var found = await demo.ReportedAsync(time, requests, Patience, CancellationToken.None);
        var whole = found.Count(one => one is { ClientRecord: not null, ServerRecord: not null, ClientExchange: not null, ServerExchange: not null });
        Assert.True(found.Count == requests && whole >= 0.99 * requests, Told(demo, found));
        Assert.DoesNotContain(found, one => one.Finding.Verdict == Verdict.Discrepant && one.Finding.Cause is not (Cause.SlowHandler or Cause.Unknown));
    }

    private static async Task AssertPlaceAsync(ClusterDemo demo, (long, long) time, int count, TroublePlace place, Cause cause)
    {
        var found = await demo.ReportedAsync(time, count, Patience, CancellationToken.None);
        Assert.True(found.Count == count && found.All(one => one.Place == place && one.Finding.Cause == cause), Told(demo, found));
    }

    /// <summary>What was found, alike together, and what the daemons printed last.</summary>
    private static string Told(ClusterDemo demo, IReadOnlyList<Correlation> found) => string.Join('\n',
    [
        $"{found.Count} found:",
        .. found.GroupBy(one =>
            $"{(one.ClientRecord is null ? "" : "client's record, ")}{(one.ServerRecord is null ? "" : "server's record, ")}{(one.ClientExchange is null ? "" : "client's exchange, ")}{(one.ServerExchange is null ? "" : "server's exchange, ")}"
            + $"{one.Finding.Verdict} {one.Finding.Cause} at {one.Place}: {one.Finding.Reason}").Select(alike => $"{alike.Count()} x {alike.Key}"),
        .. demo.Hosts.SelectMany(host => host.Printed.Split('\n').TakeLast(25).Prepend($"-- {host.Name}:")),
    ]);

    /// <summary>Whoever is no member knocks at a member's port: another protocol, garbage, silence, a certificate of another authority.</summary>
    private async Task BesiegeAsync(ClusterDemo demo, int connections)
    {
        TestAuthority.Write(Path.Combine(_folder, "stranger"), "strangers");
        using var pem = X509Certificate2.CreateFromPemFile(Path.Combine(_folder, "stranger", "certificate.pem"), Path.Combine(_folder, "stranger", "key.pem"));
        using var stranger = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        await Parallel.ForEachAsync(Enumerable.Range(0, connections), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (i, cancellation) =>
        {
            using var socket = demo.Network.Client.RunIn(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            await socket.ConnectAsync(new IPEndPoint(LabNetwork.ServerAddress, Port), cancellation);
            await using var stream = new NetworkStream(socket);
            try
            {
                switch (i % 4)
                {
                    case 0:
                        await stream.WriteAsync("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), cancellation);
                        break;
                    case 1:
                        var garbage = new byte[1000];
                        new Random(i).NextBytes(garbage);
                        await stream.WriteAsync(garbage, cancellation);
                        break;
                    case 2:
                        await using (var tls = new SslStream(stream, false, (_, certificate, _, _) => certificate is not null))
                        {
                            var options = new SslClientAuthenticationOptions { TargetHost = "members", ClientCertificates = [stranger] };
                            await tls.AuthenticateAsClientAsync(options, cancellation);
                            // The server's refusal comes with the first read, where the handshake ends before it (TLS 1.3).
                            Assert.Equal(0, await tls.ReadAsync(new byte[1], cancellation));
                        }

                        break;
                    default:
                        break;
                }
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                // Refused, as it should be.
            }
        });
    }
}
