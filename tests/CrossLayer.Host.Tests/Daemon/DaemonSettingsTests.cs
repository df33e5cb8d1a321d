using System.Collections;
using Akka.Configuration;
using CrossLayer.Host.Daemon;
using CrossLayer.Probe.Hooks;
using Microsoft.Extensions.Logging;

namespace CrossLayer.Host.Tests.Daemon;

public sealed class DaemonSettingsTests
{
    [Fact]
    public void The_defaults_are_in_order()
    {
        var settings = Read();

        Assert.Empty(settings.Probe.Filter.Ports);
        Assert.Equal(16u << 20, settings.Probe.RingBytes);
        Assert.Equal(HookChoice.Auto, settings.Probe.Hooks);
        Assert.True(settings.ProbeIsRequired);
        Assert.False(settings.KeepPrivileges);
        Assert.Equal((LogLevel.Information, LogFormat.Auto, TimeSpan.FromSeconds(20)), (settings.LogLevel, settings.LogFormat, settings.StopTimeout));
    }

    [Fact]
    public void What_is_set_is_taken()
    {
        var settings = Read("probe.ports=[80, 443]", "probe.local-ports=[8443]", "probe.hooks=raw_tracepoint", "probe.ring-size=1MiB", "daemon.log-level=debug", "daemon.log-format=json");

        Assert.Equal([80, 443], settings.Probe.Filter.Ports);
        Assert.Equal([8443], settings.Probe.Filter.LocalPorts);
        Assert.Equal((HookChoice.RawTracepoint, 1u << 20), (settings.Probe.Hooks, settings.Probe.RingBytes));
        Assert.Equal((LogLevel.Debug, LogFormat.Json), (settings.LogLevel, settings.LogFormat));
    }

    [Theory]
    [InlineData("probe.ports=[0]", "'0' is no port")]
    [InlineData("probe.ports=[65536]", "'65536' is no port")]
    [InlineData("probe.ports=[http]", "'http' is no port")]
    [InlineData("probe.local-ports=[0]", "crosslayer.probe.local-ports: '0' is no port")]
    [InlineData("probe.control-groups=[/nowhere]", "crosslayer.probe.control-groups: control group /nowhere: there is no such folder")]
    [InlineData("probe.control-groups=[/tmp]", "no folder of a cgroup2 file system")]
    [InlineData("probe.control-groups=[1,2,3,4,5,6,7,8,9]", "at most 8")]
    [InlineData("probe.mode=loud", "expected one of auto, full, summary")]
    [InlineData("probe.ring-size=3MiB", "a power of two")]
    [InlineData("probe.ring-size=1KiB", "a power of two")]
    [InlineData("probe.hooks=magic", "expected one of auto")]
    [InlineData("daemon.log-level=loud", "expected one of trace")]
    [InlineData("daemon.log-level=3", "expected one of trace")]
    [InlineData("daemon.stop-timeout=0s", "at least 1s")]
    [InlineData("correlation.shards=0", "crosslayer.correlation.shards")]
    public void What_is_out_of_range_is_named(string setting, string expected) =>
        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => Read(setting)).Message, StringComparison.Ordinal);

    private static DaemonSettings Read(params string[] settings) => DaemonSettings.From(ConfigurationLoader.Load(null, settings, new Hashtable()));
}
