using Akka.Configuration;
using Akka.Hosting;
using CrossLayer.Actors.Journal;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class JournalConfigurationTests(PostgresServer server) : JournalTest(server)
{
    [Fact]
    public void The_defaults_are_those_of_the_file() => Assert.Equal("results/journal.db", JournalSettings.From(Config.Empty).Path);

    [Fact]
    public void A_configuration_needs_to_name_only_what_it_changes()
    {
        var settings = JournalSettings.From(ConfigurationFactory.ParseString("crosslayer.journal.writer = \"node-2\""));
        Assert.Equal(JournalSettings.From(Config.Empty) with { Writer = "node-2" }, settings);
    }

    [Fact]
    public void The_path_of_the_command_line_goes_before_the_configured_one()
    {
        var config = ConfigurationFactory.ParseString("crosslayer.journal.path = \"there.db\"");
        Assert.Equal("here.db", JournalSettings.From(config, "here.db").Path);
    }

    [Fact]
    public void What_is_kept_can_be_bounded_or_not()
    {
        Assert.Equal((TimeSpan.FromDays(30), 1L << 30), (Settings.KeepFor, Settings.KeepAtMost));
        var off = JournalSettings.From(ConfigurationFactory.ParseString("crosslayer.journal { keep-for = off, keep-at-most = \"off\" }"));
        Assert.Equal((null, null), (off.KeepFor, off.KeepAtMost));
    }

    [Theory]
    [InlineData("path = \"\"", "path is empty")]
    [InlineData("max-pending-batches = 0", "max-pending-batches is 0")]
    [InlineData("busy-timeout = 10ms", "busy-timeout is")]
    [InlineData("restart-after-at-most = 1ms", "restart-after-at-most is")]
    [InlineData("keep-for = 1s", "keep-for is")]
    [InlineData("keep-at-most = 1KiB", "keep-at-most is 1024")]
    [InlineData("trim-every = 0s", "trim-every is")]
    [InlineData("summary-interval = 0s", "summary-interval is")]
    [InlineData("summary-routes = 0", "summary-routes is 0")]
    public void A_value_out_of_range_is_named(string setting, string expected)
    {
        var config = ConfigurationFactory.ParseString($"crosslayer.journal {{ {setting} }}");
        var refusal = Assert.Throws<ConfigurationException>(() => JournalSettings.From(config));
        Assert.Contains($"crosslayer.journal.{expected}", refusal.Message);
    }

    [Fact]
    public void The_folder_is_made_and_the_file_has_write_ahead_logging()
    {
        Settings = JournalSettings.At(Path.Combine(Folder, "new", "folder", "journal.db"));
        JournalConfiguration.For(Settings);
        Assert.Equal("wal", Sql<string>("PRAGMA journal_mode"));
    }

    [Fact]
    public void A_connection_waits_for_the_disk_at_each_commit()
    {
        JournalConfiguration.For(Settings);
        Assert.Equal(2, Sql<long>("PRAGMA synchronous"));
    }

    [Fact]
    public async Task A_path_with_signs_that_mean_something_elsewhere_works()
    {
        Settings = JournalSettings.At(Path.Combine(Folder, "a \"b\" ${c}; d='e' #f \\g.db"));
        await Append(StartJournal(), Samples.Discrepant(1));
        Assert.Single(await QueryAfterRestart());
        Assert.True(File.Exists(Settings.FullPath));
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused_and_left_alone()
    {
        var text = string.Concat(Enumerable.Repeat("This is a letter. ", 100));
        File.WriteAllText(Settings.Path, text);
        AssertRefused(JournalConfiguration.For, "it is not a SQLite database; move the file away, or choose another path");
        Assert.Equal(text, File.ReadAllText(Settings.Path));
    }

    [Fact]
    public void A_folder_in_the_place_of_the_file_is_refused()
    {
        Directory.CreateDirectory(Settings.Path);
        AssertRefused(JournalConfiguration.For, "it cannot be opened as a file");
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_refused()
    {
        File.WriteAllText(Path.Combine(Folder, "file"), "");
        Settings = JournalSettings.At(Path.Combine(Folder, "file", "journal.db"));
        AssertRefused(JournalConfiguration.For, "choose a folder that this user may write");
    }

    [UnprivilegedFact]
    public void A_read_only_file_is_refused()
    {
        JournalConfiguration.For(Settings);
        File.SetAttributes(Settings.Path, FileAttributes.ReadOnly);
        AssertRefused(JournalConfiguration.For, "it is read-only; give this user the right to write it");
    }

    [Fact]
    public void A_file_that_another_program_holds_locked_is_refused()
    {
        JournalConfiguration.For(Settings);
        Settings = Settings with { BusyTimeout = TimeSpan.FromSeconds(1) };
        using var other = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Settings.FullPath};Pooling=False");
        other.Open();
        using var locked = other.BeginTransaction(deferred: false);
        AssertRefused(JournalConfiguration.For, "another program holds it locked");
    }

    [Fact]
    public void There_is_nothing_to_read_where_no_journal_is()
    {
        AssertRefused(JournalConfiguration.ForReading, "there is no such file");
        Assert.False(File.Exists(Settings.FullPath));
        using (var empty = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Settings.FullPath};Pooling=False"))
        {
            empty.Open();
            using var command = empty.CreateCommand();
            command.CommandText = "CREATE TABLE letters (text)";
            command.ExecuteNonQuery();
        }

        AssertRefused(JournalConfiguration.ForReading, "it is a SQLite database without a journal");
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public void A_journal_of_a_newer_version_is_refused_by_it(JournalProvider provider)
    {
        Use(provider);
        JournalConfiguration.For(Settings);
        JournalConfiguration.ForReading(Settings);
        Sql<object?>("UPDATE journal_schema SET version = 7");
        AssertRefused(JournalConfiguration.For, "written by a newer version of this program (schema 7; this one knows 1); use that version");
        AssertRefused(JournalConfiguration.ForReading, "schema 7");
    }

    [Theory]
    [OnSqlite]
    [OnPostgres]
    public async Task A_journal_of_before_there_were_versions_is_taken_up(JournalProvider provider)
    {
        Use(provider);
        await Append(StartJournal(), Samples.Discrepant(1));
        await Stop();
        Sql<object?>("DROP TABLE journal_schema");
        JournalConfiguration.ForReading(Settings);
        await Append(StartJournal(), Samples.Discrepant(2));
        Assert.Equal(2, (await QueryAfterRestart()).Count);
        Assert.Equal(1, Sql<int>("SELECT version FROM journal_schema"));
    }

    [Fact]
    public async Task A_hosted_system_has_the_journal_in_its_registry()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddAkka("hosted", akka => akka.AddCrossLayerJournal(Settings));
        using (var host = builder.Build())
        {
            await host.StartAsync();
            var journal = host.Services.GetRequiredService<IRequiredActor<DiscrepancyJournal>>().ActorRef;
            Assert.Equal(1, (await Append(journal, Samples.Discrepant(1))).Written);
            await host.StopAsync();
        }

        Assert.Single(await QueryAfterRestart());
    }

    private void AssertRefused(Func<JournalSettings, Config> open, string expected)
    {
        var refusal = Assert.Throws<JournalUnavailableException>(() => open(Settings));
        Assert.StartsWith($"cannot use the journal {Settings.Name}: ", refusal.Message);
        Assert.Contains(expected, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}
