using System.CommandLine;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using CrossLayer.Actors.Cluster;
using CrossLayer.Host.Outputs.Cluster;
using Spectre.Console;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer cluster</c>: who is a member, and how this host's part is doing.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var url = CommandOptions.DaemonUrl();
        var tokenFile = CommandOptions.TokenFile();
        var format = CommandOptions.Format();
        var command = new Command("cluster", "Show the members of a running daemon's cluster, its lanes there, and how far it is behind.") { url, tokenFile, format };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetRequiredValue(url), CommandOptions.TokenIn(parsed.GetValue(tokenFile)), parsed.GetRequiredValue(format), parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Uri url, string? token, OutputFormat format, TextWriter output, CancellationToken cancellation)
    {
        var reading = await AskAsync(url, token, cancellation);
        if (format != OutputFormat.Table)
        {
            await output.WriteLineAsync(ClusterJson.Write(reading));
            return ExitCode.Done;
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("Member", "Status", "Reachable", "Addresses");
        foreach (var member in reading.Members)
            table.AddRow(
                Markup.Escape(member.Host + (member.Host == reading.Own ? " (this one)" : "")), member.Status, member.Reachable ? "yes" : "no", string.Join(", ", member.Addresses));
        Terminal.For(output).Write(table);
        var counters = reading.Counters;
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"lanes on this host: {(reading.Lanes.Count == 0 ? "none" : string.Join(", ", reading.Lanes))}"));
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"requests between hosts: {counters.Halves} halves sent in {counters.Messages} messages, {counters.Again} sent again; {counters.Joined} reported here; "
            + $"{reading.Waiting} wait, the oldest for {reading.OldestMs / 1e3:0.0} s; {counters.GivenUp} given up, {counters.Refused} refused"));
        if (reading.SharedAddresses.Count > 0)
            await output.WriteLineAsync($"addresses of more than one host, by which nothing is brought together: {string.Join(", ", reading.SharedAddresses)}");
        return ExitCode.Done;
    }

    private static async Task<ClusterReading> AskAsync(Uri url, string? token, CancellationToken cancellation)
    {
        using var client = new HttpClient { BaseAddress = url, Timeout = AnswerTimeout };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        try
        {
            using var response = await client.GetAsync("v1/cluster", cancellation);
            if (response.StatusCode == System.Net.HttpStatusCode.NotFound)
                throw new InputException($"the daemon at {url} is of no cluster (crosslayer.cluster.enabled)");
            if (!response.IsSuccessStatusCode)
                throw new InputException($"{url}v1/cluster answers {(int)response.StatusCode} {response.ReasonPhrase}{(token is null ? "; --token-file names a file with the token" : "")}");
            return ClusterJson.Read(await response.Content.ReadAsStringAsync(cancellation));
        }
        catch (Exception exception) when (exception is HttpRequestException or JsonException || (exception is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new InputException($"no daemon answers at {url}: {exception.Message}", exception);
        }
    }
}
