using System.CommandLine;
using System.Net;
using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Serving;

namespace CrossLayer.Host.Commands;

/// <summary><c>crosslayer serve</c>: an HTTP server that reports its own requests.</summary>
internal static class ServeCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var port = CommandOptions.Whole("--port", "The port to listen at; 0 for any that is free.", 8080, 0, ushort.MaxValue);
        var address = CommandOptions.Address("--address", "The address to listen at.", IPAddress.Loopback);
        var output = CommandOptions.Output("results/server_metrics.json");
        var service = new Option<string?>("--service") { Description = "The service that the records name.", HelpName = "name" };
        var reportTo = DaemonReport.Option();
        var command = new Command("serve", "Serve HTTP and report each request, until Ctrl-C.")
        {
            port, address, output, service, reportTo,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new HttpServerOptions
            {
                Address = parsed.GetRequiredValue(address),
                Port = parsed.GetRequiredValue(port),
                Service = parsed.GetValue(service),
            },
            parsed.GetRequiredValue(output),
            parsed.GetValue(reportTo),
            parsed.InvocationConfiguration.Output,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        HttpServerOptions options, string path, Uri? daemon, TextWriter output, CancellationToken cancellation)
    {
        await using var report = DaemonReport.To(daemon, options.Service);
        // Set when a record could not be written, or on Ctrl-C.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var interrupt = cancellation.Register(() => ended.TrySetResult());

        // The port before the file: whoever has the port already may be writing that file.
        var opened = new TaskCompletionSource<RecordWriter<RequestRecord>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = await HttpServer.StartAsync(options, ReportAsync, cancellation);
        try
        {
            using var records = RecordWriter<RequestRecord>.Create(path, RequestRecordJson.Kind);
            opened.SetResult(records);
            await output.WriteLineAsync($"listening on {server.Url.GetLeftPart(UriPartial.Authority)}, records to {path}");
            await output.FlushAsync(CancellationToken.None);
            try
            {
                await ended.Task;
            }
            finally
            {
                await server.DisposeAsync();
            }

            await output.WriteLineAsync($"stopped; {records.Count} records in {path}");
            if (report is not null)
                await report.EndAsync(output);
            return ExitCode.Done;
        }
        catch (InputException)
        {
            opened.TrySetCanceled(CancellationToken.None);
            await server.DisposeAsync();
            throw;
        }

        async ValueTask ReportAsync(RequestRecord record)
        {
            try
            {
                (await opened.Task).Append(record);
                report?.Report(record);
            }
            catch (Exception exception)
            {
                ended.TrySetException(exception);
            }
        }
    }
}
