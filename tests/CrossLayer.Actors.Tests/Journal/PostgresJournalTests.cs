using Akka.Configuration;
using CrossLayer.Actors.Journal;
using Npgsql;

namespace CrossLayer.Actors.Tests.Journal;

[Collection(PostgresCollection.Name)]
public sealed class PostgresJournalTests(PostgresServer server) : JournalTest(server)
{
    private const string Secret = "s3cret-42";

    [Theory]
    [InlineData("connection-string = \"\"", "set one of connection-string and connection-string-file")]
    [InlineData("connection-string = \"Host=a;Database=b\", connection-string-file = \"f\"", "set only one of")]
    [InlineData("connection-string = \"Database=b;Password=s3cret-42\"", "names no Host")]
    [InlineData("connection-string = \"Host=a;Password=s3cret-42\"", "names no Database")]
    [InlineData("connection-string = \"Host=a;Database=b;Password=x;s3cret-42=y\"", "is not a connection string")]
    [InlineData("connection-string = \"Host=a;Database=b;Port=s3cret-42\"", "is not a connection string")]
    [InlineData("connection-string-file = \"/does/not/exist\"", "/does/not/exist (crosslayer.journal.connection-string-file) cannot be read")]
    [InlineData("provider = \"oracle\"", "provider is 'oracle'; it can be sqlite or postgresql")]
    public void A_configuration_that_cannot_be_is_said_without_the_password(string setting, string expected)
    {
        var refusal = Assert.Throws<ConfigurationException>(() => From(setting));
        Assert.Contains(expected, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.DoesNotContain(Secret, refusal.ToString());
    }

    [Fact]
    public void The_connection_string_can_stand_in_a_file_of_its_own()
    {
        var file = Path.Combine(Folder, "connection");
        File.WriteAllText(file, $"Host=db;Port=5433;Database=crosslayer;Password={Secret}\n");
        var settings = From($"connection-string-file = \"{file}\"");
        Assert.Equal(JournalProvider.PostgreSql, settings.Provider);
        Assert.Equal("postgresql://db:5433/crosslayer", settings.Name);
        Assert.Contains(Secret, settings.ConnectionString);
        Assert.DoesNotContain(Secret, settings.ToString());
    }

    [Fact]
    public void A_file_of_the_command_line_goes_before_the_server()
    {
        var config = ConfigurationFactory.ParseString("crosslayer.journal { provider = postgresql, connection-string = \"Host=a;Database=b\" }");
        Assert.Equal(JournalProvider.Sqlite, JournalSettings.From(config, "here.db").Provider);
    }

    [Fact]
    public void Where_no_server_is_one_line_says_so()
    {
        Settings = From($"connection-string = \"Host=127.0.0.1;Port=1;Database=b;Username=u;Password={Secret}\"");
        AssertRefused("see that the server runs");
    }

    [Theory]
    [OnPostgres]
    public void A_wrong_password_is_said_and_not_shown(JournalProvider provider)
    {
        Use(provider);
        Change(builder => builder.Password = Secret);
        AssertRefused("password authentication failed for user \"crosslayer\" (28P01); check user, password");
    }

    [Theory]
    [OnPostgres]
    public void A_database_that_does_not_exist_is_said(JournalProvider provider)
    {
        Use(provider);
        Change(builder => builder.Database = "nowhere");
        AssertRefused("database \"nowhere\" does not exist (3D000); create it");
    }

    [Theory]
    [OnPostgres]
    public void A_user_that_may_not_make_tables_is_told(JournalProvider provider)
    {
        Use(provider);
        Sql<object?>($"CREATE ROLE poor LOGIN PASSWORD '{Secret}'");
        Change(builder => (builder.Username, builder.Password) = ("poor", Secret));
        AssertRefused("permission denied for schema public (42501); grant this user CREATE");
    }

    [Theory]
    [OnPostgres]
    public async Task A_user_that_may_only_use_the_tables_writes_to_them(JournalProvider provider)
    {
        Use(provider);
        JournalConfiguration.For(Settings);
        Sql<object?>($"""
            CREATE ROLE modest LOGIN PASSWORD '{Secret}';
            GRANT SELECT, INSERT, UPDATE, DELETE ON journal, journal_schema TO modest;
            GRANT USAGE ON SEQUENCE journal_ordering_seq TO modest;
            """);
        Change(builder => (builder.Username, builder.Password) = ("modest", Secret));
        Assert.Equal(1, (await Append(StartJournal(), Samples.Discrepant(1))).Written);
        Assert.Single(await QueryAfterRestart());
    }

    [Theory]
    [OnPostgres]
    public void A_database_without_a_journal_gives_nothing_to_read(JournalProvider provider)
    {
        Use(provider);
        var refusal = Assert.Throws<JournalUnavailableException>(() => JournalConfiguration.ForReading(Settings));
        Assert.Contains("it is a database without a journal", refusal.Message);
    }

    // Where the server's default is to answer before the disk has it.
    [Theory]
    [OnPostgres]
    public void A_commit_waits_for_the_disk_whatever_the_servers_default_is(JournalProvider provider)
    {
        Use(provider);
        Sql<object?>($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(Settings.ConnectionString).Database} SET synchronous_commit = off");
        Assert.Equal("on", Sql<string>("SHOW synchronous_commit"));
    }

    private static JournalSettings From(string setting) =>
        JournalSettings.From(ConfigurationFactory.ParseString($"crosslayer.journal {{ provider = postgresql, {setting} }}"));

    private void Change(Action<NpgsqlConnectionStringBuilder> change)
    {
        var builder = new NpgsqlConnectionStringBuilder(Settings.ConnectionString);
        change(builder);
        Settings = Settings with { ConnectionString = builder.ToString() };
    }

    private void AssertRefused(string expected)
    {
        var refusal = Assert.Throws<JournalUnavailableException>(() => JournalConfiguration.For(Settings));
        Assert.StartsWith($"cannot use the journal {Settings.Name}: ", refusal.Message);
        Assert.Contains(expected, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.DoesNotContain(Secret, refusal.ToString());
    }
}
