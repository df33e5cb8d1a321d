using CrossLayer.Host.Lab.Injection;

namespace CrossLayer.Host.Tests.Lab;

public sealed class NetstatCountersTests
{
    [Fact]
    public void Names_and_values_stand_on_lines_of_their_own()
    {
        string[] lines = ["TcpExt: SyncookiesSent ListenOverflows", "TcpExt: 0 17", "Tcp: MaxConn RetransSegs", "Tcp: -1 3"];
        var counters = NetstatCounters.Pairs(lines).ToDictionary();
        Assert.Equal(17, counters["TcpExt.ListenOverflows"]);
        Assert.Equal(3, counters["Tcp.RetransSegs"]);
        Assert.Equal(-1, counters["Tcp.MaxConn"]);
        Assert.Equal(4, counters.Count);
    }
}
