using Akka.Actor;
using CrossLayer.Actors.Correlations;
using CrossLayer.Actors.Journal;
using CrossLayer.Actors.Requests;
using FsCheck.Xunit;
using Google.Protobuf;
using Wire = CrossLayer.Actors.Journal.Wire;

namespace CrossLayer.Actors.Tests.Journal;

public sealed class JournalSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("serializer");
    private readonly JournalSerializer _serializer;

    public JournalSerializerTests() => _serializer = new JournalSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Terminate().Wait();

    [Property(MaxTest = 500)]
    public bool Any_correlation_is_read_back_as_it_was_written(int seed)
    {
        var correlation = new RandomValues(seed).Record<Correlation>();
        return RoundTrip(correlation) == correlation;
    }

    [Fact]
    public void A_correlation_with_every_field_is_read_back_as_it_was_written() =>
        Assert.Equal(Samples.Full, RoundTrip(Samples.Full));

    [Fact]
    public void A_correlation_with_nothing_optional_is_read_back_without_zeros_in_its_place()
    {
        var back = RoundTrip(Samples.Healthy(1) with { Ledger = Ledger.Empty });
        Assert.Null(back.StartUnixNs);
        Assert.Null(back.ClientRecord);
        Assert.Null(back.ServerExchange);
        Assert.Null(back.DeliveredMs);
        Assert.Null(back.Finding.Cause);
        Assert.Null(back.Finding.Reason);
        Assert.Equal(Ledger.Empty, back.Ledger);
    }

    [Fact]
    public void A_record_with_a_name_of_its_own_keeps_it()
    {
        var correlation = Samples.Full with { RequestId = new RequestId("another") };
        Assert.Equal(correlation, RoundTrip(correlation));
    }

    [Fact]
    public void Every_value_of_every_enum_is_read_back()
    {
        var full = Samples.Full;
        foreach (var cause in Enum.GetValues<Cause>())
            Assert.Equal(cause, RoundTrip(Samples.Discrepant(1, cause)).Finding.Cause);
        foreach (var verdict in Enum.GetValues<Verdict>())
            Assert.Equal(verdict, RoundTrip(full with { Finding = full.Finding with { Verdict = verdict } }).Finding.Verdict);
        foreach (var layer in Enum.GetValues<BlindLayer>())
            Assert.Equal(layer, RoundTrip(full with { Finding = full.Finding with { BlindLayer = layer } }).Finding.BlindLayer);
        foreach (var method in Enum.GetValues<MatchMethod>())
            Assert.Equal(method, RoundTrip(full with { Match = new Match(method, 1, 1) }).Match.Method);
        foreach (var result in Enum.GetValues<RequestResult>())
        {
            var reported = full.ClientRecord! with { Result = result };
            Assert.Equal(reported, RoundTrip(full with { ClientRecord = reported }).ClientRecord);
        }
    }

    [Fact]
    public void The_manifest_is_short_and_has_a_version() =>
        Assert.Equal("D1", _serializer.Manifest(new DiscrepancyFound(Samples.Full)));

    [Fact]
    public void The_identifier_is_the_one_in_every_journal() => Assert.Equal(25203, _serializer.Identifier);

    [Theory]
    [InlineData("D2")]
    [InlineData("")]
    [InlineData("CrossLayer.Actors.Journal.DiscrepancyFound, CrossLayer.Actors")]
    public void An_unknown_manifest_is_refused_by_name(string manifest)
    {
        var refusal = Assert.Throws<JournalFormatException>(() => _serializer.FromBinary(Bytes(Samples.Full), manifest));
        Assert.Contains($"'{manifest}'", refusal.Message);
        Assert.Contains("'D1'", refusal.Message);
    }

    [Fact]
    public void What_is_no_event_of_the_journal_is_refused_by_name()
    {
        Assert.Contains("System.String", Assert.Throws<ArgumentException>(() => _serializer.ToBinary("text")).Message);
        Assert.Contains("System.String", Assert.Throws<ArgumentException>(() => _serializer.Manifest("text")).Message);
    }

    [Fact]
    public void A_cause_from_a_newer_writer_is_named_and_not_guessed()
    {
        var wire = Wire.DiscrepancyFound.Parser.ParseFrom(Bytes(Samples.Full));
        wire.Correlation.Finding.Cause = (Wire.Cause)99;
        var refusal = Assert.Throws<JournalFormatException>(() => Read(wire.ToByteArray()));
        Assert.StartsWith("cause 99 is not known", refusal.Message);
    }

    [Fact]
    public void A_verdict_that_was_never_set_is_an_error()
    {
        var wire = Wire.DiscrepancyFound.Parser.ParseFrom(Bytes(Samples.Full));
        wire.Correlation.Finding.Verdict = Wire.Verdict.Unspecified;
        Assert.StartsWith("verdict 0 is not known", Assert.Throws<JournalFormatException>(() => Read(wire.ToByteArray())).Message);
    }

    [Fact]
    public void Fields_from_a_newer_writer_are_passed_over()
    {
        // Field 200, a varint.
        byte[] newer = [.. Bytes(Samples.Full), 0xC0, 0x0C, 0x01];
        Assert.Equal(Samples.Full, Read(newer));
    }

    [Fact]
    public void Damaged_bytes_are_an_error_of_their_own()
    {
        var bytes = Bytes(Samples.Full);
        Assert.Throws<JournalFormatException>(() => Read(bytes[..^3]));
        Assert.Contains("correlation is missing", Assert.Throws<JournalFormatException>(() => Read([])).Message);
    }

    [Fact]
    public void Counts_beyond_any_number_of_requests_are_an_error()
    {
        var most = new Wire.CauseCount { Cause = Wire.Cause.Unknown, Count = long.MaxValue };
        var wire = new Wire.IntervalSummary { Routes = { new Wire.RouteSummary { Causes = { most, most } } } };

        var refusal = Assert.Throws<JournalFormatException>(() => _serializer.FromBinary(wire.ToByteArray(), JournalSerializer.IntervalSummaryManifest));

        Assert.Contains("damaged", refusal.Message);
    }

    [Fact]
    public void An_address_of_another_length_is_an_error()
    {
        var wire = Wire.DiscrepancyFound.Parser.ParseFrom(Bytes(Samples.Full));
        wire.Correlation.ClientExchange.Local.Address = ByteString.CopyFrom(127, 0, 0, 1);
        Assert.Contains("not 4", Assert.Throws<JournalFormatException>(() => Read(wire.ToByteArray())).Message);
    }

    private byte[] Bytes(Correlation correlation) => _serializer.ToBinary(new DiscrepancyFound(correlation));

    private Correlation Read(byte[] bytes) =>
        ((DiscrepancyFound)_serializer.FromBinary(bytes, JournalSerializer.DiscrepancyFoundManifest)).Correlation;

    private Correlation RoundTrip(Correlation correlation) => Read(Bytes(correlation));
}
