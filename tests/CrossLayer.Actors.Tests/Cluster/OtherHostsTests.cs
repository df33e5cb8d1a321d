using System.Net;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Tests.Hosts;
using CrossLayer.Probe;

namespace CrossLayer.Actors.Tests.Cluster;

public sealed class OtherHostsTests
{
    private readonly OtherHosts _others = new();

    [Fact]
    public void A_request_whose_other_end_has_a_member_s_address_is_that_member_s_too()
    {
        Set(Halves.ClientHost, (Halves.ClientHost, "10.0.0.1"), (Halves.ServerHost, "10.0.0.2"));

        Assert.Equal(Halves.ServerHost, _others.PeerOf(Halves.OfClient(1).Window));
        // Its own end is no other host's.
        Assert.Null(_others.PeerOf(Halves.OfServer(1).Window));
    }

    [Fact]
    public void A_run_is_a_member_as_long_as_it_is_among_them()
    {
        Assert.False(_others.IsMember(Halves.ServerHost));
        Set(Halves.ClientHost, (Halves.ClientHost, "10.0.0.1"), (Halves.ServerHost, "10.0.0.2"));
        Assert.True(_others.IsMember(Halves.ServerHost));
        Set(Halves.ClientHost, (Halves.ClientHost, "10.0.0.1"), ("akka.tcp://crosslayer@10.0.0.2:4053#3", "10.0.0.2"));
        Assert.False(_others.IsMember(Halves.ServerHost));
    }

    [Fact]
    public void A_request_of_which_both_ends_are_here_stays_here()
    {
        Set(Halves.ClientHost, (Halves.ServerHost, "10.0.0.2"));
        var (client, server) = (Halves.OfClient(1).Window, Halves.OfServer(1).Window);
        Assert.Null(_others.PeerOf(client with { ServerExchange = server.ServerExchange }));
    }

    [Fact]
    public void An_address_that_two_members_have_is_nobody_s_and_said()
    {
        Set(Halves.ClientHost, (Halves.ServerHost, "10.0.0.2"), ("akka.tcp://crosslayer@10.0.0.3:4053#3", "10.0.0.2"));
        Assert.Null(_others.PeerOf(Halves.OfClient(1).Window));
        Assert.Equal("10.0.0.2", Assert.Single(_others.Claimed).ToString());
    }

    private void Set(string own, params (string Host, string Address)[] members) =>
        _others.Set(own, members.ToDictionary(member => member.Host, member => (IReadOnlyList<NetworkAddress>)[NetworkAddress.From(IPAddress.Parse(member.Address))]));
}
