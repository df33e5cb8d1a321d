using CrossLayer.Actors.Connections;
using CrossLayer.Actors.Correlations;
using CrossLayer.Probe;
using static CrossLayer.Actors.Tests.PlainPipeline;

namespace CrossLayer.Actors.Tests.Correlations;

public class RetryFinderTests
{
    private readonly Conversation _first = new Conversation().Open(10, 9).ClientSends(20, 100);
    private readonly Conversation _second = new Conversation(clientPort: 40001).Open(30, 29).Exchange(31);

    [Fact]
    public void A_request_that_a_library_sent_twice_is_a_hidden_retry()
    {
        _first.ServerReads(21, 100).Close(25);

        var finding = Finding();

        Assert.Equal((Verdict.Discrepant, Cause.HiddenRetry, BlindLayer.Application), (finding.Verdict, finding.Cause, finding.BlindLayer));
    }

    [Fact]
    public void A_request_that_the_server_never_read_is_sent_again_without_harm()
    {
        _first.Close(25);

        Assert.Equal(Verdict.Healthy, Finding().Verdict);
    }

    [Fact]
    public void A_request_on_a_connection_that_the_server_had_closed_is_sent_again_as_it_should_be()
    {
        _first.ServerReads(21, 100).Close(25);
        var events = _first.Events.ConvertAll(e =>
        {
            e.Flags = e.Type == KernelEventType.Send ? StreamFlags.FinReceived : e.Flags;
            return e;
        });
        _first.Events.Clear();
        _first.Events.AddRange(events);

        Assert.Equal(Verdict.Healthy, Finding().Verdict);
    }

    [Fact]
    public void An_attempt_of_another_size_is_no_first_try()
    {
        _first.ClientSends(20.5, 1).ServerReads(21, 101).Close(25);

        Assert.Equal(Verdict.Healthy, Finding().Verdict);
    }

    [Fact]
    public void An_attempt_before_the_request_began_is_no_first_try()
    {
        _first.ServerReads(21, 100).Close(25);

        Assert.Equal(Verdict.Healthy, Run(_first.Events.Concat(_second.Events), _second.ClientRecord(1, 29, 6.5)).Single(c => c.ClientRecord is not null).Finding.Verdict);
    }

    [Fact]
    public void Attempts_beyond_the_limit_are_forgotten_and_counted()
    {
        var finder = new RetryFinder(Settings);
        var attempt = new Attempt(_first.Client.Address, _first.Server, 100, 1, 2, ConnectionKey.Of(_first.Client, _first.Server), ReadByServer: true);

        finder.Apply([.. Enumerable.Repeat(attempt, 4100)], [], 0);

        Assert.Equal(4, finder.Forgotten);
    }

    private Finding Finding() => Run(_first.Events.Concat(_second.Events), _second.ClientRecord(1, 19.5, 16)).Single(c => c.ClientRecord is not null).Finding;
}
