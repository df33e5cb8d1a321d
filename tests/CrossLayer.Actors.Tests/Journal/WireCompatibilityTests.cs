using Akka.Actor;
using CrossLayer.Actors.Journal;

namespace CrossLayer.Actors.Tests.Journal;

/// <summary>Bytes as they stand in journals: if one of these fails, journals that exist can no longer be read.</summary>
public sealed class WireCompatibilityTests : IDisposable
{
    private const string FullD1 =
        "0A8A040A050A03722D311065188180A8B1E39FE7CB17229301110000000000000A4018C80120012801308280A8B1E39FE7CB"
        + "173A160A1000000000000000000000FFFF7F00000110C0B80242150A1000000000000000000000FFFF7F00000110903F4A03"
        + "47455452072F6F72646572735878608020684D70027A046E6F6E6582010473686F708A012034626639326633353737623334"
        + "646136613363653932396430653065343733369001012A140A050A0139100111000000000000004020052802328701080110"
        + "4D1A160A1020010DB800000000000000000000000110C0B80222150A1020010DB800000000000000000000000210903F3002"
        + "38922142046375726C480C501C5A05087810F0016206088020108040681B7001781780010A88010B90010D98010EA0010FA8"
        + "0110B00111B80112C00113C80114D00115D80116E0016FE80118F00119F8011A3A3B0802104E1A150A100000000000000000"
        + "0000FFFF7F00000110903F22160A1000000000000000000000FFFF7F00000110C0B80228013001481E501F420D0801100319"
        + "000000000000E83F4A300802100C180221000000000000E03F2A1F5468652077696E646F772077617320636C6F7365642066"
        + "6F722037206D732E5100000000000023405A3609000000000000F03F11000000000000004019000000000000084021000000"
        + "00000010402900000000000014403100000000000018406001";

    // protocol, tls and resolution_ms, which follow expected_slow of the client's record.
    private const string LaterFields = "9A0108485454502F312E31" + "A00101" + "A901000000000000F03F";

    // Of the client's exchange: egress_drops to peer_synack_retransmits, fields 36 to 42; a reset that was not sent is told from one that nobody could see.
    private const string PathFields = "A00220" + "A80221" + "B00222" + "B80223" + "C00224" + "C80200" + "D00225";

    private readonly ActorSystem _system = ActorSystem.Create("wire");
    private readonly JournalSerializer _serializer;

    public WireCompatibilityTests() => _serializer = new JournalSerializer((ExtendedActorSystem)_system);

    public void Dispose() => _system.Terminate().Wait();

    [Fact]
    public void The_bytes_of_manifest_D1_are_still_written() =>
        Assert.Equal(FullD1, Convert.ToHexString(_serializer.ToBinary(new DiscrepancyFound(Samples.Full))));

    [Fact]
    public void The_bytes_of_manifest_D1_are_still_read() =>
        Assert.Equal(new DiscrepancyFound(Samples.Full), _serializer.FromBinary(Convert.FromHexString(FullD1), "D1"));

    [Fact]
    public void The_bytes_of_fields_that_were_added_later_are_still_written_and_read()
    {
        var bytes = _serializer.ToBinary(new DiscrepancyFound(Samples.Later));

        Assert.Contains("900101" + LaterFields, Convert.ToHexString(bytes), StringComparison.Ordinal);
        Assert.Contains(PathFields, Convert.ToHexString(bytes), StringComparison.Ordinal);
        Assert.Equal(new DiscrepancyFound(Samples.Later), _serializer.FromBinary(bytes, "D1"));
    }
}
