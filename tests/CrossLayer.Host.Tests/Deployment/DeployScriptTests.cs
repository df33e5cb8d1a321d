using System.Diagnostics;
using CrossLayer.Host.Tests.Outputs;
using k8s;
using k8s.Models;

namespace CrossLayer.Host.Tests.Deployment;

/// <summary>kubernetes/deploy.sh, and what it renders with kubectl.</summary>
public sealed class DeployScriptTests
{
    private static readonly string Script = Path.Combine(Manifests.Folder, "deploy.sh");

    [Theory]
    [InlineData("--overlay", "staging")]
    [InlineData("--overlay")]
    [InlineData("production")]
    public async Task Bad_usage_is_one_line_and_2(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(null, arguments);

        Assert.Equal((2, ""), (code, output));
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Help_tells_of_each_option()
    {
        var (code, output, _) = await RunAsync(null, "--help");

        Assert.Equal(0, code);
        Assert.All(["--overlay", "--dry-run", "docs/deployment.md"], word => Assert.Contains(word, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_kubectl_it_ends_with_3()
    {
        var (code, output, error) = await RunAsync("/nowhere", "--dry-run");

        Assert.Equal((3, ""), (code, output));
        Assert.Contains("kubectl not found", error, StringComparison.Ordinal);
    }

    [RequiresToolFact("kubectl")]
    public async Task The_lab_is_rendered()
    {
        var objects = await RenderAsync("lab");

        Assert.Equal(2, Assert.Single(objects.OfType<V1StatefulSet>()).Spec.Replicas);
        Assert.Single(objects.OfType<V1Deployment>());
        var container = Assert.Single(Assert.Single(objects.OfType<V1DaemonSet>()).Spec.Template.Spec.Containers);
        var config = Manifests.ConfigurationOf(container);
        Assert.Equal(["8080"], config.GetStringList("crosslayer.probe.ports"));
        Assert.Equal("node-7", config.GetString("crosslayer.journal.writer")); // the overlay adds to the environment, and takes nothing away
    }

    [RequiresToolFact("kubectl")]
    public async Task Production_is_rendered()
    {
        var objects = await RenderAsync("production");

        Assert.Equal(3, Assert.Single(objects.OfType<V1StatefulSet>()).Spec.Replicas);
        Assert.Empty(objects.OfType<V1Deployment>());
        Assert.Single(objects.OfType<PodMonitor>());
        foreach (var pod in Manifests.Pods(objects))
        {
            var config = Manifests.ConfigurationOf(Assert.Single(pod.Spec.Containers));
            Assert.Equal("postgresql", config.GetString("crosslayer.journal.provider"));
            Assert.Contains(pod.Spec.Volumes, volume => volume.Secret?.SecretName == "crosslayer-journal");
            Assert.Contains(pod.Spec.Volumes, volume => volume.Secret?.SecretName == "crosslayer-tls");
        }
    }

    /// <summary>What holds for each overlay.</summary>
    private static async Task<IReadOnlyList<object>> RenderAsync(string overlay)
    {
        var (code, output, error) = await RunAsync(null, "--dry-run", "--overlay", overlay);
        Assert.True(code == 0, error);
        var objects = Manifests.Parse(output);

        Assert.All(objects.Cast<IKubernetesObject<V1ObjectMeta>>().Where(item => item is not V1Namespace), item => Assert.Equal("crosslayer", item.Metadata.NamespaceProperty));
        var configuration = Assert.Single(objects.OfType<V1ConfigMap>());
        Assert.Equal(await File.ReadAllTextAsync(Manifests.Configuration), Assert.Single(configuration.Data).Value);
        var script = await File.ReadAllTextAsync(Script);
        var needed = script.Split('\n').Single(line => line.StartsWith($"{overlay}) secrets=", StringComparison.Ordinal)).Split('(', ')')[2].Split(' ');
        var pods = Manifests.Pods(objects);
        Assert.Equal(needed.Order(), pods.SelectMany(pod => pod.Spec.Volumes).Select(volume => volume.Secret?.SecretName).OfType<string>().Distinct().Order());
        foreach (var pod in pods)
        {
            Assert.Equal("crosslayer:latest", Assert.Single(pod.Spec.Containers).Image);
            Assert.All(pod.Spec.Volumes.Where(volume => volume.ConfigMap is not null), volume => Assert.Equal(configuration.Metadata.Name, volume.ConfigMap.Name));
        }

        return objects;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string? path, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Script);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        if (path is not null)
            start.Environment["PATH"] = path;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
