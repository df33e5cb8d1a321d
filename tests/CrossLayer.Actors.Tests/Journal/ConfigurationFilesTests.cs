using Akka.Configuration;

namespace CrossLayer.Actors.Tests.Journal;

public sealed class ConfigurationFilesTests
{
    public static TheoryData<string> Files { get; } =
        new(Directory.EnumerateFiles(Path.Combine(Root(), "config"), "*.conf").Order());

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_configuration_file_is_read_by_the_engine_that_will_read_it(string file)
    {
        var text = File.ReadAllText(file);
        Assert.False(string.IsNullOrWhiteSpace(text));
        Assert.False(ConfigurationFactory.ParseString(text).IsEmpty);
    }

    // The engine loses such a value, and every key after it, without a word.
    [Theory]
    [MemberData(nameof(Files))]
    public void No_configuration_file_has_optional_substitutions(string file) => Assert.DoesNotContain("${?", File.ReadAllText(file));

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CrossLayer.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("CrossLayer.slnx is in no folder above the tests.");
    }
}
