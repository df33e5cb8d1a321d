using System.Collections;
using System.Text;
using Akka.Configuration;
using CrossLayer.Host;
using CrossLayer.Host.Commands;
using CrossLayer.Host.Daemon;

namespace CrossLayer.Fuzz.Targets;

/// <summary>The configuration.</summary>
internal static class ConfigurationTargets
{
    /// <summary>A file over the defaults, and all settings that the daemon reads of it.</summary>
    public static FuzzTarget File() => new("configuration", input =>
    {
        var file = HoconFile.Parse(Encoding.UTF8.GetString(input), "file");
        RunCommand.Read(ConfigurationLoader.Load(file, "file", [], new Hashtable()));
        return null;
    }, exception => exception is InputException or ConfigurationException, Corpus.Of(
        "crosslayer.journal { path = \"file\", writer = file\n  busy-timeout = 7s }\ncrosslayer.probe.ports = [80, 443]",
        "crosslayer {\n  # a comment\n  ingest.http.address = \"127.0.0.1:9471\"\n  ingest.unix { path = /tmp/a.sock, allowed-uids = [1000] }\n}\n",
        "crosslayer.ingest.access-logs = [{ path = /var/log/a.log, format = nginx, from = start }, { path = \"b\", format = envoy }]",
        "crosslayer.correlation.slow-routes = [\"/a 2s\"]\ncrosslayer.daemon.log-level = debug // why\nakka.loglevel = INFO",
        "{ \"crosslayer\" : { \"journal\" : { \"path\" : \"\"\"a\nb\"\"\" } } }",
        ""), "${", "${?A}", "+=", "include \"a\"", "\"\"\"", "//", "infinite", "10GiB", "5s", "= [", "{ a = ", "crosslayer.", "crosslayer.recording.enabled = on", "\\u00");
}
