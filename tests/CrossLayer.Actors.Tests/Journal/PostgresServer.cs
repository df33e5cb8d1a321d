using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>
/// A real PostgreSQL server of the tests' own: a cluster in a temporary folder, on a free port of loopback, owned by a user that is
/// not root, with a password. Started at its first use.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime
{
    /// <summary>The password of its user; it contains what means something in a connection string.</summary>
    public const string Password = "geh;eim='42";

    private readonly Lock _lock = new();
    private string _folder = "";
    private int _port;
    private int _databases;

    /// <summary>Why there can be no server here; null where there can.</summary>
    public static string? Missing { get; } =
        PathOf("initdb") is null ? "initdb of PostgreSQL not found" : PathOf("pg_ctl") is null ? "pg_ctl of PostgreSQL not found" : null;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Remove();
        return Task.CompletedTask;
    }

    /// <summary>A new database's connection string.</summary>
    public string NewDatabase()
    {
        lock (_lock)
        {
            if (_folder.Length == 0)
                Create();
            var name = string.Create(CultureInfo.InvariantCulture, $"journal{++_databases}");
            using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the name is ours
            command.CommandText = $"CREATE DATABASE {name}";
#pragma warning restore CA2100
            command.ExecuteNonQuery();
            return ConnectionString(name);
        }
    }

    /// <summary>Starts the server, and waits until it answers.</summary>
    public void Start() => RunAsOwner(
        "pg_ctl", "-D", $"{_folder}/data", "-l", $"{_folder}/log", "-w", "-t", "60", "-o",
        $"-p {_port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=100", "start");

    /// <summary>Stops the server without a goodbye to anybody: what it has not committed is lost.</summary>
    public void Stop() => RunAsOwner("pg_ctl", "-D", $"{_folder}/data", "-m", "immediate", "-w", "stop");

    private static string? PathOf(string tool)
    {
        var versions = Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending().Select(folder => Path.Combine(folder, "bin"))
            : [];
        return $"{Environment.GetEnvironmentVariable("PATH")}".Split(':').Concat(versions)
            .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
    }

    private string ConnectionString(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Database = database,
        Username = "crosslayer",
        Password = Password,
    }.ToString();

    private void Create()
    {
        var folder = Directory.CreateTempSubdirectory("crosslayer-postgres-").FullName;
        File.WriteAllText($"{folder}/password", Password + "\n");
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }

        // PostgreSQL refuses to run as root.
        if (Environment.IsPrivilegedProcess)
            Run("chown", "-R", "nobody", folder);
        _folder = folder;
        RunAsOwner("initdb", "-D", $"{folder}/data", "-U", "crosslayer", "-A", "scram-sha-256", $"--pwfile={folder}/password", "--encoding=UTF8", "--locale=C", "--no-sync");
        Start();
    }

    private void Remove()
    {
        if (_folder.Length == 0)
            return;
        if (File.Exists($"{_folder}/data/postmaster.pid"))
            Stop();
        Directory.Delete(_folder, recursive: true);
        _folder = "";
    }

    private static void RunAsOwner(string tool, params string[] arguments)
    {
        if (Environment.IsPrivilegedProcess)
            Run("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", PathOf(tool)!, .. arguments]);
        else
            Run(PathOf(tool)!, arguments);
    }

    private static void Run(string program, params string[] arguments)
    {
        // Nothing is read from it: the server, which outlives pg_ctl, would hold a pipe open.
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "cd / && exec \"$@\" >/dev/null 2>&1", "sh", program, .. arguments]))!;
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
    }
}
