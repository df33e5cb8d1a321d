using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Lab;

public sealed class LabNamespaceNameTests
{
    [Fact]
    public void A_name_says_whose_it_is()
    {
        var name = new LabNamespaceName(new LabOwner(4711, 123456789012), 3, LabHost.Router);
        Assert.Equal("crosslayer-lab-4711-123456789012-3-router", name.ToString());
        Assert.True(LabNamespaceName.TryParse(name.ToString(), out var read));
        Assert.Equal(name, read);
    }

    [Theory]
    [InlineData("crosslayer-4711-1-router")]
    [InlineData("crosslayer-lab-4711-1-router")]
    [InlineData("crosslayer-lab-4711-1-1-switch")]
    [InlineData("crosslayer-lab-4711-1-1-0")]
    [InlineData("crosslayer-lab--4711-1-1-router")]
    [InlineData("crosslayer-lab-4711-1-1-router-old")]
    [InlineData("crosslayer-lab-99999999999-1-1-router")]
    [InlineData("blue")]
    public void What_is_not_a_lab_s_is_left_alone(string text) => Assert.False(LabNamespaceName.TryParse(text, out _));

    [Fact]
    public void An_owner_is_alive_only_with_its_own_start()
    {
        Assert.True(LabOwner.Current.IsAlive);
        Assert.False((LabOwner.Current with { StartTicks = LabOwner.Current.StartTicks - 1 }).IsAlive);
        Assert.False(new LabOwner(1 << 23, 1).IsAlive);
    }
}
