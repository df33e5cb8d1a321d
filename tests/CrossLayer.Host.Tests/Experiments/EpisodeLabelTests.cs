using CrossLayer.Actors.Correlations;
using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Host.Tests.Experiments;

public sealed class EpisodeLabelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("crosslayer-label-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_label_comes_back_as_it_was_written()
    {
        var label = new EpisodeLabel
        {
            Episode = "0007",
            Kind = EpisodeKind.Mix,
            Faults =
            [
                new FaultLabel
                {
                    Scenario = "path_loss", Family = ScenarioFamily.Retransmissions, Cause = Cause.PathLoss, Intensity = Intensity.High,
                    ArmedUnixNs = 5, LiftedUnixNs = 9, Applied = true, Proof = "nft: path_loss matched 3",
                },
            ],
            Requests =
            [
                new RequestLabel
                {
                    RequestId = "0123456789abcdef", Route = "GET /signed/200", StartUnixNs = 6, LatencyMs = 1.5, Outcome = Outcome.Short, Armed = true, TouchedBy = [0],
                },
            ],
        };
        var path = Path.Combine(_folder, "labels", "0007.json");
        label.Write(path);
        var read = EpisodeLabel.Read(path);
        Assert.Equal(label.Faults, read.Faults);
        Assert.Equal((label.Episode, label.Kind), (read.Episode, read.Kind));
        var request = Assert.Single(read.Requests);
        Assert.Equal(label.Requests[0] with { TouchedBy = request.TouchedBy }, request);
        Assert.Equal([0], request.TouchedBy);
        Assert.True(request.Touched);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void What_is_no_label_is_refused_in_one_line(string text)
    {
        var path = Path.Combine(_folder, "x.json");
        File.WriteAllText(path, text);
        var refused = Assert.Throws<InputException>(() => EpisodeLabel.Read(path));
        Assert.Contains(path, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }
}
