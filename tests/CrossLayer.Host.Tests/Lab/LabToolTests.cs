using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Lab;

public sealed class LabToolTests
{
    [Fact]
    public async Task A_tool_that_is_missing_is_named_with_what_to_install()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => LabTool.RunAsync("ip-of-no-machine", ["link", "show"]));
        Assert.Equal(
            "ip-of-no-machine link show: 'ip-of-no-machine' is neither in PATH nor in /usr/sbin: install iproute2 and nftables", error.Message);
    }

    [Fact]
    public async Task Arguments_are_no_shell_s_and_input_is_read()
    {
        Assert.Equal("a b $HOME;*", await LabTool.RunAsync("printf", ["%s", "a b $HOME;*"]));
        Assert.Equal("given", await LabTool.RunAsync("cat", [], "given"));
    }

    [Fact]
    public async Task A_tool_that_fails_in_silence_is_quoted_with_its_exit_code()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => LabTool.RunAsync("false", []));
        Assert.Equal("false: exit code 1", error.Message);
    }
}
