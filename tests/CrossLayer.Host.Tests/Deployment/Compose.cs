using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>docker/compose.yaml, as far as it is used: a key that is not here is refused.</summary>
internal sealed class Compose
{
    public static string Folder { get; } = Path.Combine(Manifests.Repository, "docker");

    public required string Name { get; init; }

    [YamlMember(Alias = "x-program", ApplyNamingConventions = false)]
    public Service? Program { get; init; }

    [YamlMember(Alias = "x-unprivileged", ApplyNamingConventions = false)]
    public Service? Unprivileged { get; init; }

    public required Dictionary<string, Service> Services { get; init; }

    public required Dictionary<string, SecretFile> Secrets { get; init; }

    public required Dictionary<string, object?> Volumes { get; init; }

    public static string Text { get; } = File.ReadAllText(Path.Combine(Folder, "compose.yaml"));

    public static Compose Read(string? text = null) => new DeserializerBuilder().WithNamingConvention(UnderscoredNamingConvention.Instance).Build()
        .Deserialize<Compose>(new MergingParser(new Parser(new StringReader(text ?? Text))));

    /// <summary>A service.</summary>
    internal sealed class Service
    {
        public string? Image { get; init; }

        public Build? Build { get; init; }

        public bool Init { get; init; }

        public List<string> Command { get; init; } = [];

        public string? User { get; init; }

        public List<string> CapDrop { get; init; } = [];

        public List<string> CapAdd { get; init; } = [];

        public List<string> SecurityOpt { get; init; } = [];

        public bool ReadOnly { get; init; }

        public List<string> Tmpfs { get; init; } = [];

        public List<string> Volumes { get; init; } = [];

        public List<string> Ports { get; init; } = [];

        public List<string> Secrets { get; init; } = [];

        public Dictionary<string, string> Environment { get; init; } = [];

        public Dictionary<string, Dependency> DependsOn { get; init; } = [];

        public HealthCheck? Healthcheck { get; init; }

        public string? NetworkMode { get; init; }

        public string? StopGracePeriod { get; init; }

        public string? Restart { get; init; }

        /// <summary>What is mounted from the checkout, and where: (path on the host, path in the container, mode).</summary>
        public IEnumerable<(string Host, string Container, string Mode)> Files => Volumes.Select(volume => volume.Split(':'))
            .Where(parts => parts[0].StartsWith('.'))
            .Select(parts => (Path.GetFullPath(parts[0], Folder), parts[1], parts.Length > 2 ? parts[2] : "rw"));
    }

    /// <summary>Of what an image is built.</summary>
    internal sealed record Build
    {
        public required string Context { get; init; }

        public required string Dockerfile { get; init; }
    }

    /// <summary>What has to be before a service starts.</summary>
    internal sealed record Dependency
    {
        public required string Condition { get; init; }
    }

    /// <summary>How it is found out whether a service is well.</summary>
    internal sealed record HealthCheck
    {
        public List<string> Test { get; init; } = [];

        public string? Interval { get; init; }

        public string? Timeout { get; init; }

        public string? StartPeriod { get; init; }

        public bool Disable { get; init; }
    }

    /// <summary>Where a secret is.</summary>
    internal sealed record SecretFile
    {
        public required string File { get; init; }
    }
}
