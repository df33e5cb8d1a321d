using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using CrossLayer.Actors.Cluster;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Graph;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Kernel;
using CrossLayer.Actors.Recording;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CrossLayer.Actors.Configuration;

/// <summary>Wires journal and live pipeline into a host.</summary>
public static class CrossLayerHosting
{
    /// <summary>
    /// Adds an actor system with the journal, and a <see cref="LivePipeline"/> that starts when it is first asked for.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="config">The configuration: <see cref="DefaultConfiguration"/>, with what overrides it in front.</param>
    /// <param name="journal">Where discrepancies go.</param>
    /// <param name="listener">Brings the probe up and sees what passes.</param>
    /// <param name="logged">What the actors log goes to the host's log; else to the console.</param>
    /// <exception cref="JournalUnavailableException">The journal's file cannot be used.</exception>
    /// <exception cref="ConfigurationException">A setting is missing or out of its range.</exception>
    public static IServiceCollection AddCrossLayer(
        this IServiceCollection services, Config config, JournalSettings journal, IPipelineListener listener, bool logged = false)
    {
        var settings = CorrelationSettings.From(config);
        var probe = ProbeSettings.From(config);
        var recording = RecordingSettings.From(config);
        var cluster = ClusterSettings.From(config);
        var certificates = cluster is { Enabled: true, Tls: { } tls } ? ClusterConfiguration.Certificates(tls) : null;
        return services
            .AddAkka("crosslayer", (akka, provider) =>
            {
                if (cluster.Enabled)
                    akka.AddHocon(ClusterConfiguration.For(cluster), HoconAddMode.Prepend);
                if (certificates is not null)
                {
                    akka.AddSetup(certificates);
                    akka.AddStartup((system, _) => FailedHandshakes.Survive(system, provider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping));
                }

                akka.AddHocon(config, HoconAddMode.Append).AddCrossLayerJournal(journal);
                if (logged)
                    akka.ConfigureLoggers(loggers => loggers.ClearLoggers().AddLoggerFactory());
            })
            .AddSingleton(provider => new Lazy<ClusterHost?>(() => cluster.Enabled ? ClusterHost.Start(provider.GetRequiredService<ActorSystem>(), cluster, settings) : null))
            .AddSingleton(provider => LivePipeline.Start(
                provider.GetRequiredService<ActorSystem>(),
                settings,
                probe,
                provider.GetRequiredService<IRequiredActor<DiscrepancyJournal>>().ActorRef,
                listener,
                recording.Enabled ? InputRecorder.Start(provider.GetRequiredService<ActorSystem>(), recording, journal, settings) : null,
                provider.GetRequiredService<Lazy<ClusterHost?>>().Value));
    }
}
