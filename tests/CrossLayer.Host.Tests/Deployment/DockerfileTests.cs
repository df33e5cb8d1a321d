using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using CrossLayer.Host.Commands;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>docker/Dockerfile held against the tree and the program's defaults.</summary>
public sealed partial class DockerfileTests
{
    // An instruction a line: what is continued is joined, comments are left out.
    private static readonly List<(string Word, string Text)> Lines = [.. Continued().Replace(
            File.ReadAllText(Path.Combine(Compose.Folder, "Dockerfile")), " ").Split('\n')
        .Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' ', 2)).Select(words => (words[0], words[1].Trim()))];

    private static readonly string[] Listeners = ["outputs.http", "ingest.http", "ingest.otlp-grpc", "ingest.otlp-http"];

    [Fact]
    public void Bases_are_arguments_whose_defaults_are_the_official_images_of_the_programs_framework()
    {
        var framework = TargetFramework().Match(File.ReadAllText(Path.Combine(Manifests.Repository, "Directory.Build.props"))).Groups[1].Value;

        Assert.Equal(
            [$"SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:{framework}", $"RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:{framework}"],
            Lines.TakeWhile(line => line.Word == "ARG").Select(line => line.Text));
        Assert.Equal(["${SDK_IMAGE} AS build", "${RUNTIME_IMAGE}"], All("FROM"));
    }

    [Fact]
    public void What_is_copied_is_in_the_tree_and_not_ignored()
    {
        var allowed = File.ReadAllLines(Path.Combine(Manifests.Repository, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        var sources = All("COPY").Where(rest => !rest.StartsWith("--from", StringComparison.Ordinal)).SelectMany(rest => rest.Split(' ')[..^1]).Where(source => source != ".");
        foreach (var source in sources)
        {
            Assert.True(Path.Exists(Path.Combine(Manifests.Repository, source)), source);
            Assert.Contains(allowed, pattern => source == pattern || source.StartsWith(pattern + "/", StringComparison.Ordinal));
        }

        Assert.All(allowed, path => Assert.True(Path.Exists(Path.Combine(Manifests.Repository, path)), path));
    }

    [Fact]
    public void Each_project_of_the_program_is_there_to_be_restored_and_restoring_is_locked()
    {
        var projects = new SortedSet<string>(StringComparer.Ordinal);
        Add("CrossLayer.Host");

        foreach (var project in projects)
            Assert.Contains($"{project}/{project}.csproj {project}/packages.lock.json {project}/", All("COPY"));
        Assert.Equal(projects.Count, All("COPY").Count(rest => rest.Contains("packages.lock.json", StringComparison.Ordinal)));
        Assert.Contains(All("RUN"), rest => rest.StartsWith("dotnet restore CrossLayer.Host --locked-mode", StringComparison.Ordinal));
        Assert.Contains(All("RUN"), rest => rest.StartsWith("dotnet publish CrossLayer.Host --no-restore", StringComparison.Ordinal));

        void Add(string project)
        {
            if (!projects.Add(project))
                return;
            foreach (Match match in Reference().Matches(File.ReadAllText(Path.Combine(Manifests.Repository, project, project + ".csproj"))))
                Add(match.Groups[1].Value);
        }
    }

    [Fact]
    public void Packages_are_those_that_the_setup_names_for_building_and_running()
    {
        var setup = File.ReadAllText(Path.Combine(Manifests.Repository, "scripts/setup_env.sh"));
        var installed = All("RUN").Select(rest => Installed().Match(rest)).Where(match => match.Success)
            .Select(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.Equal((2, 3, 1), (installed.Count, installed[0].Length, installed[^1].Length));
        Assert.All(installed[0], package => Assert.Contains($"\nneed build {package} ", setup, StringComparison.Ordinal));
        Assert.All(installed[1], package => Assert.Contains($"\nneed run {package} ", setup, StringComparison.Ordinal));
    }

    [Fact]
    public void Ports_are_the_programs()
    {
        var ports = Listeners
            .Select(section => IPEndPoint.Parse(Manifests.Defaults.GetString($"crosslayer.{section}.listen")).Port)
            .Append(Manifests.Defaults.GetInt("crosslayer.cluster.port")).Append(8080);

        Assert.Equal(ports.Order(), Assert.Single(All("EXPOSE")).Split(' ').Select(int.Parse).Order());
    }

    [Fact]
    public void It_is_a_user_by_number_and_checks_its_health_without_other_programs()
    {
        var user = Assert.Single(All("ARG"), rest => rest.StartsWith("APP_UID=", StringComparison.Ordinal))["APP_UID=".Length..];
        Assert.Equal("${APP_UID}:${APP_UID}", Assert.Single(All("USER")));
        Assert.Equal(user, $"{Manifests.Seeds.Spec.Template.Spec.SecurityContext.RunAsUser}");

        var words = JsonSerializer.Deserialize<string[]>(Assert.Single(All("HEALTHCHECK")).Split("CMD ", 2)[1])!;
        Assert.Equal(["crosslayer", "health"], words.Take(2));
        Assert.Empty(HealthCommand.Create().Parse(words[2..]).Errors);
        Assert.Equal(["[\"crosslayer\"]"], All("ENTRYPOINT"));
        Assert.Equal(["[\"run\"]"], All("CMD"));
    }

    private static IEnumerable<string> All(string word) => Lines.Where(line => line.Word == word).Select(line => line.Text);

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex("<TargetFramework>net([0-9.]+)<")]
    private static partial Regex TargetFramework();

    [GeneratedRegex(@"ProjectReference Include=""\.\./[^""]*/([A-Za-z.]+)\.csproj""")]
    private static partial Regex Reference();

    [GeneratedRegex(@"apt-get install --yes --no-install-recommends ([a-z0-9 -]+?) *&&")]
    private static partial Regex Installed();
}
