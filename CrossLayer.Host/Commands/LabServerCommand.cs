using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CrossLayer.Host.Lab.Serving;

namespace CrossLayer.Host.Commands;

/// <summary>The lab's server, as <c>crosslayer experiment</c> starts it in the server's namespace; no verb for people.</summary>
internal static class LabServerCommand
{
    /// <summary>By which it is started.</summary>
    public const string Name = "lab-server";

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var at = new Argument<string>("endpoint") { Description = "Where to listen." };
        var command = new Command(Name, "The lab's server: takes orders from its standard input.") { at };
        command.Hidden = true;
        command.SetAction((parsed, cancellation) => RunAsync(
            IPEndPoint.TryParse(parsed.GetRequiredValue(at), out var endpoint) ? endpoint : throw new InputException($"'{parsed.GetValue(at)}' is no endpoint"),
            parsed.InvocationConfiguration.Output, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IPEndPoint at, TextWriter output, CancellationToken cancellation)
    {
        await using var server = await LabServer.StartAsync(at, cancellation);
        await AnswerAsync(output, new LabServerAnswer { Url = server.Url.ToString() });
        try
        {
            // Ends with its input, and so with the experiment, however that ends.
            while (await Console.In.ReadLineAsync(cancellation) is { } line)
                await AnswerAsync(output, Obey(server, line));
        }
        catch (OperationCanceledException)
        {
            // Interrupted.
        }

        return ExitCode.Done;
    }

    private static LabServerAnswer Obey(LabServer server, string line)
    {
        try
        {
            return server.Obey(JsonSerializer.Deserialize(line, LabServerJson.Default.LabServerOrder)!);
        }
        catch (Exception exception) when (exception is JsonException or InputException or SocketException)
        {
            return new LabServerAnswer { Error = exception.Message };
        }
    }

    private static async Task AnswerAsync(TextWriter output, LabServerAnswer answer)
    {
        await output.WriteLineAsync(JsonSerializer.Serialize(answer, LabServerJson.Default.LabServerAnswer));
        await output.FlushAsync(CancellationToken.None);
    }
}
