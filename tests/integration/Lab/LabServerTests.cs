using CrossLayer.Host.Experiments;
using CrossLayer.Host.Lab;

namespace CrossLayer.Integration.Tests.Lab;

/// <summary>The lab's own server, as a process in its namespace.</summary>
[Collection("lab")]
public sealed class LabServerTests
{
    [RequiresLabFact]
    public async Task A_server_that_stopped_listening_or_accepting_answers_again_however_often_it_was_told()
    {
        await using var session = await LabSession.StartAsync(CancellationToken.None);
        for (var i = 0; i < 20; i++)
        {
            await session.Server.BehaveAsync(new ServerBehaviour { Listens = false }, CancellationToken.None);
            await session.Server.BehaveAsync(new ServerBehaviour { Accepts = false, Backlog = 1 }, CancellationToken.None);
            await session.Server.BehaveAsync(ServerBehaviour.Ordinary, CancellationToken.None);
            await session.CheckAsync();
        }
    }

    [RequiresLabFact]
    public async Task A_lab_whose_server_does_not_answer_is_told()
    {
        await using var session = await LabSession.StartAsync(CancellationToken.None);
        await session.Server.BehaveAsync(new ServerBehaviour { Listens = false }, CancellationToken.None);
        var broken = await Assert.ThrowsAsync<LabException>(session.CheckAsync);
        Assert.Contains("does not answer", broken.Message, StringComparison.Ordinal);
    }
}
