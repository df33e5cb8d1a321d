using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;

namespace CrossLayer.Host.Tests.Files;

public sealed class RecordWriterTests : IDisposable
{
    private static readonly RecordKind<RequestRecord> Kind = RequestRecordJson.Kind;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_file_is_whole_after_every_append()
    {
        var path = _folder.File("new/folders/records.json");
        using var writer = RecordWriter<RequestRecord>.Create(path, Kind);
        Assert.Empty(Records.ReadFile(Kind, Copy(path)));
        for (var number = 1; number <= 20; number++)
        {
            writer.Append(Records.Request(number));

            var expected = Enumerable.Range(1, number).Select(Records.Request);
            Assert.Equal(expected, Records.ReadFile(Kind, Copy(path)));
            Assert.Equal(expected, Records.ReadFile(Kind, Copy(_folder.File("new/folders/records.jsonl"))));
            using var document = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Copy(path)));
            Assert.Equal(number, document.RootElement.GetArrayLength());
        }
    }

    [Fact]
    public void Records_appended_together_are_separate_records()
    {
        var path = _folder.File("records.json");
        RequestRecord[] records = [.. Enumerable.Range(1, 5).Select(Records.Request)];
        using (var writer = RecordWriter<RequestRecord>.Create(path, Kind))
        {
            writer.Append(records);
            writer.Append(ReadOnlySpan<RequestRecord>.Empty);
            writer.Append(records);
            Assert.Equal(10, writer.Count);
        }

        Assert.Equal([.. records, .. records], Records.ReadFile(Kind, path));
        Assert.Equal(10, File.ReadAllLines(_folder.File("records.jsonl")).Length);
    }

    [Fact]
    public void A_path_of_JSON_lines_gets_only_those()
    {
        using (var writer = RecordWriter<RequestRecord>.Create(_folder.File("records.jsonl"), Kind))
            writer.Append(Records.Request(1));

        Assert.Equal([_folder.File("records.jsonl")], Directory.GetFiles(_folder.Root));
        Assert.Single(Records.ReadFile(Kind, _folder.File("records.jsonl")));
    }

    [Fact]
    public void An_old_file_is_replaced()
    {
        var path = _folder.File("records.json", new string('x', 10_000));

        using (var writer = RecordWriter<RequestRecord>.Create(path, Kind))
            writer.Append(Records.Request(1));

        Assert.Single(Records.ReadFile(Kind, path));
    }

    [Fact]
    public void Appends_from_many_threads_do_not_mix()
    {
        var path = _folder.File("records.json");
        using var writer = RecordWriter<RequestRecord>.Create(path, Kind);

        Parallel.For(1, 501, number => writer.Append(Records.Request(number)));

        var read = Records.ReadFile(Kind, path).OrderBy(record => record.LatencyMs);
        Assert.Equal(Enumerable.Range(1, 500).Select(Records.Request), read);
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_named_with_the_reason()
    {
        var file = _folder.File("file", "");

        var below = Assert.Throws<InputException>(() => RecordWriter<RequestRecord>.Create(file + "/records.json", Kind));
        var directory = Assert.Throws<InputException>(() => RecordWriter<RequestRecord>.Create(_folder.Root, Kind));

        Assert.StartsWith($"cannot write {file}/records.json: ", below.Message, StringComparison.Ordinal);
        Assert.Equal($"cannot write {_folder.Root}: it is a directory", directory.Message);
    }

    public void Dispose() => _folder.Dispose();

    // What a process that dies now would leave.
    private string Copy(string path)
    {
        var copy = _folder.File("copy");
        File.Copy(path, copy, overwrite: true);
        return copy;
    }
}
