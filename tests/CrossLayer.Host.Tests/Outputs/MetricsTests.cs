using CrossLayer.Host.Outputs.Metrics;

namespace CrossLayer.Host.Tests.Outputs;

public sealed class MetricsTests
{
    [Fact]
    public async Task A_server_prints_every_metric_of_the_catalogue_with_its_type_and_labels()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(Correlated.BothSides(1), Correlated.Healthy(2)));

        using var response = await running.Client.GetAsync(new Uri("/metrics", UriKind.Relative));
        var page = MetricsText.Parse(await response.Content.ReadAsStringAsync());

        Assert.Equal(MetricsWriter.ContentType, response.Content.Headers.ContentType?.ToString());
        Assert.Equal(MetricCatalogue.All.Select(metric => metric.Name).Order(), page.Types.Keys.Order());
        foreach (var metric in MetricCatalogue.All)
        {
            Assert.Equal(metric.Kind.ToString().ToLowerInvariant(), page.Types[metric.Name]);
            var name = metric.Kind == MetricKind.Histogram ? metric.Name + "_count" : metric.Name;
            var samples = page.Samples.Where(sample => sample.Name == name).ToList();
            Assert.True(samples.Count > 0, $"{metric.Name} has no sample");
            Assert.All(samples, sample => Assert.Equal(metric.Labels.Order(), sample.Labels.Keys.Order()));
            Assert.Equal(metric.Kind == MetricKind.Counter, metric.Name.EndsWith("_total", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Each_side_that_reported_counts_as_a_request_and_the_verdict_once()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(Correlated.BothSides(1), Correlated.Healthy(2), Correlated.Healthy(3)));

        var page = MetricsText.Parse((await running.GetAsync("/metrics")).Text);

        Assert.Equal(1, page.Value("crosslayer_requests_total", ("service", "web"), ("route", "/checkout"), ("role", "client"), ("verdict", "discrepant")));
        Assert.Equal(1, page.Value("crosslayer_requests_total", ("service", "shop"), ("route", "/orders"), ("role", "server"), ("verdict", "discrepant")));
        Assert.Equal(2, page.Value("crosslayer_requests_total", ("service", "shop"), ("verdict", "healthy")));
        Assert.Equal(1, page.Value("crosslayer_request_errors_total", ("service", "web"), ("result", "timeout")));
        Assert.Equal(1, page.Value("crosslayer_correlations_total", ("verdict", "discrepant")));
        Assert.Equal(2, page.Value("crosslayer_correlations_total", ("verdict", "healthy")));
        Assert.Equal(1, page.Value("crosslayer_discrepancies_total", ("cause", "path_loss"), ("service", "shop"), ("blind_layer", "application")));
        Assert.Equal(3, page.Value("crosslayer_matches_total", ("method", "tuple+bytes")));
        Assert.Equal(0, page.Value("crosslayer_matches_total", ("method", "cookie")));
    }

    [Fact]
    public async Task Durations_are_seconds_in_cumulated_buckets()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(
            Correlated.Healthy(1, latencyMs: 4), Correlated.Healthy(2, latencyMs: 5), Correlated.Healthy(3, latencyMs: 60_000)));

        var page = MetricsText.Parse((await running.GetAsync("/metrics")).Text);
        var bucket = "crosslayer_request_duration_seconds_bucket";

        Assert.Equal(0, page.Value(bucket, ("le", "0.0025")));
        Assert.Equal(2, page.Value(bucket, ("le", "0.005")));
        Assert.Equal(2, page.Value(bucket, ("le", "30")));
        Assert.Equal(3, page.Value(bucket, ("le", "+Inf")));
        Assert.Equal(60.009, page.Value("crosslayer_request_duration_seconds_sum"), 9);
        Assert.Equal(3, page.Value("crosslayer_request_duration_seconds_count"));
    }

    [Fact]
    public async Task Loss_lag_and_the_probes_own_cost_are_told()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(Correlated.BothSides(1)));

        var page = MetricsText.Parse((await running.GetAsync("/metrics")).Text);

        Assert.Equal(100, page.Value("crosslayer_kernel_events_made_total"));
        Assert.Equal(3, page.Value("crosslayer_kernel_events_lost_total"));
        Assert.Equal(6, page.Value("crosslayer_kernel_events_late_total"));
        Assert.InRange(page.Value("crosslayer_watermark_lag_seconds"), 1.5, 30);
        Assert.InRange(page.Value("crosslayer_verdict_delay_seconds_sum"), 2, 30);
        Assert.Equal(2.5, page.Value("crosslayer_probe_run_seconds_total"));
        Assert.Equal(4096, page.Value("crosslayer_ring_used_bytes"));
        Assert.Equal(2, page.Value("crosslayer_records_accepted_total", ("source", "http")));
        Assert.Equal(5, page.Value("crosslayer_records_rejected_total", ("source", "http"), ("reason", "malformed")));
        Assert.Equal(9, page.Value("crosslayer_shed_total", ("what", "records")));
        Assert.Equal(11, page.Value("crosslayer_journal_writes_total", ("outcome", "written")));
        Assert.True(page.Value("process_cpu_seconds_total") > 0);
        Assert.True(page.Value("process_resident_memory_bytes") > 1e6);
    }

    [Fact]
    public async Task Beyond_the_most_label_sets_requests_are_counted_as_other()
    {
        await using var running = await RunningOutputs.StartAsync(settings: "crosslayer.outputs.max-label-sets = 3");
        running.Outputs.Observe(Correlated.Batch([.. Enumerable.Range(0, 1000).Select(i => Correlated.Healthy(i, $"service-{(char)('a' + i % 20)}"))]));

        var page = MetricsText.Parse((await running.GetAsync("/metrics")).Text);
        var services = page.Samples.Where(sample => sample.Name == "crosslayer_requests_total").Select(sample => sample.Labels["service"]);

        Assert.Equal(["other", "service-a", "service-b", "service-c"], services.Order());
        Assert.Equal(850, page.Value("crosslayer_requests_total", ("service", "other"), ("route", "other")));
        Assert.Equal(850, page.Value("crosslayer_label_overflow_total"));
        Assert.Equal(3, page.Value("crosslayer_label_pairs"));
    }

    [Fact]
    public async Task No_request_id_path_or_address_is_in_a_label_whatever_applications_send()
    {
        await using var running = await RunningOutputs.StartAsync();
        running.Outputs.Observe(Correlated.Batch(
            Correlated.Healthy(777_123, "a\"b\\c\nd", "/users/4711/orders/8d3f0c1e-9b1a-4c57-8a50-f2d5b1c7e001?token=secret"),
            Correlated.Healthy(777_124, "shop", "https://user:pw@host/login?password=secret#x")));

        var (_, text) = await running.GetAsync("/metrics");
        var page = MetricsText.Parse(text);

        Assert.Equal(1, page.Value("crosslayer_requests_total", ("service", "a\"b\\c\nd"), ("route", "/users/{id}/orders/{id}")));
        foreach (var secret in (string[])["secret", "4711", "8d3f0c1e", "777123", "777124", "user:pw", "127.0.0.1", "40000", Correlated.TraceId])
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_probe_that_is_told_and_nothing_is_made_up()
    {
        await using var running = await RunningOutputs.StartAsync(RunningOutputs.Daemon with
        {
            Probe = () => Task.FromException<Actors.Kernel.ProbeStatus>(new TimeoutException()),
            ProbeCost = () => null,
        });

        var page = MetricsText.Parse((await running.GetAsync("/metrics")).Text);

        Assert.Equal(0, page.Value("crosslayer_probe_up"));
        Assert.DoesNotContain(page.Samples, sample => sample.Name is "crosslayer_kernel_events_made_total" or "crosslayer_ring_used_bytes");
    }

    [Fact]
    public void A_metric_is_asked_for_all_its_labels() =>
        Assert.Throws<ArgumentException>(() => new MetricsWriter().Sample(MetricCatalogue.Requests, 1, "shop"));
}
