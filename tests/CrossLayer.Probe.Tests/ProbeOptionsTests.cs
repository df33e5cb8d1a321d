namespace CrossLayer.Probe.Tests;

public sealed class ProbeOptionsTests
{
    public static TheoryData<string, ProbeOptions> OutOfRange => new()
    {
        { "9 network namespaces", new ProbeOptions { Filter = new ProbeFilter { NetworkNamespaces = [1, 2, 3, 4, 5, 6, 7, 8, 9] } } },
        { "9 control groups", new ProbeOptions { Filter = new ProbeFilter { ControlGroups = [.. Enumerable.Repeat(new ControlGroup(1, 0), 9)] } } },
        { "ring size 0", new ProbeOptions { RingBytes = 0 } },
        { "ring size 2048", new ProbeOptions { RingBytes = 2048 } },
        { "ring size 12288", new ProbeOptions { RingBytes = 12288 } },
        { "ring size 4294967295", new ProbeOptions { RingBytes = uint.MaxValue } },
        { "drain interval", new ProbeOptions { DrainIntervalMs = 0 } },
        { "number of batches", new ProbeOptions { MaxBatches = 0 } },
        { "disorder", new ProbeOptions { DisorderMs = -1 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange), DisableDiscoveryEnumeration = true)]
    public void An_option_out_of_its_range_is_named_before_anything_is_loaded(string named, ProbeOptions options)
    {
        var failure = Assert.Throws<ProbeException>(() => KernelProbe.Start(options));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_needed() => Assert.Throws<ArgumentNullException>(() => KernelProbe.Start(null!));

    [Fact]
    public void The_defaults_are_in_range() => new ProbeOptions().Validate();
}
