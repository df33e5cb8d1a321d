using System.Collections;
using CrossLayer.Host.Daemon;

namespace CrossLayer.Host.Tests.Daemon;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_command_line_stands_over_the_environment_the_environment_over_the_file_and_the_file_over_the_defaults()
    {
        var file = _folder.File("a.conf", """
            crosslayer.journal { path = "file", writer = "file", busy-timeout = 7s }
            """);
        var environment = new Hashtable { ["CROSSLAYER_JOURNAL__PATH"] = "environment", ["CROSSLAYER_JOURNAL__WRITER"] = "environment" };

        var config = ConfigurationLoader.Load(file, ["journal.path=command line"], environment);

        Assert.Equal("command line", config.GetString("crosslayer.journal.path"));
        Assert.Equal("environment", config.GetString("crosslayer.journal.writer"));
        Assert.Equal(TimeSpan.FromSeconds(7), config.GetTimeSpan("crosslayer.journal.busy-timeout"));
        Assert.Equal(256, config.GetInt("crosslayer.journal.max-pending-batches"));
    }

    [Fact]
    public void Each_setting_has_a_variable_of_its_own()
    {
        var variables = ConfigurationKeys.Of(CrossLayer.Actors.Configuration.DefaultConfiguration.Load()).Leaves.Select(ConfigurationLoader.VariableOf).ToList();

        Assert.Contains("CROSSLAYER_JOURNAL__BUSY_TIMEOUT", variables);
        Assert.Equal(variables.Count, variables.Distinct().Count());
        Assert.All(variables, variable => Assert.Contains("__", variable, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("127.0.0.1:9470")]
    [InlineData("a \"quoted\" back\\slash # no comment ${no} += {")]
    [InlineData("")]
    public void A_text_is_taken_as_it_is(string value) =>
        Assert.Equal(value, ConfigurationLoader.Load(null, [$"journal.path={value}"], new Hashtable()).GetString("crosslayer.journal.path"));

    [Fact]
    public void A_list_is_given_as_HOCON()
    {
        var config = ConfigurationLoader.Load(null, ["probe.ports=[80, 443]"], new Hashtable());

        Assert.Equal([80, 443], config.GetIntList("crosslayer.probe.ports"));
    }

    [Theory]
    [InlineData("crosslayer.journal.pth = 1", "there is no setting crosslayer.journal.pth; did you mean crosslayer.journal.path?")]
    [InlineData("crosslayer.busy-timeout = 1s", "did you mean crosslayer.journal.busy-timeout?")]
    [InlineData("crosslayer.nothing.like.it = 1", "config/crosslayer.conf has them all")]
    [InlineData("journal.path = 1", "", false)] // not ours: no part of the program reads it, and Akka has keys of its own
    public void A_setting_that_is_none_is_refused_with_the_one_that_may_be_meant(string text, string expected, bool refused = true)
    {
        var file = _folder.File("a.conf", text);

        if (!refused)
        {
            Assert.NotNull(ConfigurationLoader.Load(file, [], new Hashtable()));
            return;
        }

        var exception = Assert.Throws<InputException>(() => ConfigurationLoader.Load(file, [], new Hashtable()));
        Assert.StartsWith(file, exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_that_is_no_setting_is_refused_and_others_are_left_alone()
    {
        Assert.NotNull(ConfigurationLoader.Load(null, [], new Hashtable { ["CROSSLAYER_HOOKS"] = "kprobe", ["PATH"] = "/bin" }));

        var exception = Assert.Throws<InputException>(() => ConfigurationLoader.Load(null, [], new Hashtable { ["CROSSLAYER_JOURNAL__PATHS"] = "x" }));
        Assert.Contains("CROSSLAYER_JOURNAL__PATHS", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("=value")]
    [InlineData("no.such.key=1")]
    public void A_bad_option_is_refused(string option) =>
        Assert.Contains("--set", Assert.Throws<InputException>(() => ConfigurationLoader.Load(null, [option], new Hashtable())).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("crosslayer.probe.ports = [1, 2\n", "line 1: '[' is not closed")]
    [InlineData("\ncrosslayer {\n  probe { ports = [1] \n", "line 3: '{' is not closed")]
    [InlineData("crosslayer.probe.ports = 1]", "line 1: ']' closes nothing")]
    [InlineData("a = [1}", "'}' closes nothing")]
    [InlineData("a = \"x\nb = 1", "line 1: '\"' is not closed")]
    [InlineData("a = \"\"\"x", "is not closed")]
    [InlineData("a = 1\nb = ${?HOME}", "line 2: substitutions")]
    [InlineData("a = [80, 4$3]", "line 1: '$' stands only in quotes")]
    [InlineData("a += 1", "line 1: '+='")]
    [InlineData("a = 1\ninclude \"other.conf\"", "line 2: 'include'")]
    public void What_the_parser_would_misread_or_never_come_back_from_is_refused_with_its_line(string text, string expected)
    {
        var file = _folder.File("a.conf", text);

        Assert.Contains(expected, Assert.Throws<InputException>(() => HoconFile.Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a = \"[ { ${ += #\" # ] } ${x}\n// { [\nb = 2")]
    [InlineData("a = \"\"\"[ {\n ${\"\"\"\nb = 2")]
    [InlineData("a = \"\\\"[\"\nb = 2")]
    [InlineData("url = \"http://x/\"\nb = 2")]
    public void Brackets_in_texts_and_comments_are_none(string text) =>
        Assert.Equal(2, HoconFile.Parse(text, "test").GetInt("b"));

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("/nowhere/a.conf", Assert.Throws<InputException>(() => HoconFile.Read("/nowhere/a.conf")).Message, StringComparison.Ordinal);
}
