using CrossLayer.Actors.Requests;
using CrossLayer.Host.Files;
using CrossLayer.Host.Ingest;

namespace CrossLayer.Fuzz.Targets;

/// <summary>What a decoder accepts must be fit to be kept, written, and read again.</summary>
internal static class RecordOutput
{
    private const long NowUnixNs = 1_764_000_000_000_000_000;

    /// <summary>Does to records what every source does before it hands them on, and writes them.</summary>
    public static void Keep(IEnumerable<RequestRecord> records)
    {
        foreach (var record in records)
            WriteAndRead(RequestRecordJson.Kind, RecordPrivacy.Strip(ArrivalTime.Give(record, NowUnixNs)));
    }

    /// <summary>Writes a record, and reads what was written.</summary>
    /// <exception cref="FieldException">It cannot be read again.</exception>
    public static void WriteAndRead<T>(RecordKind<T> kind, in T record)
    {
        using var json = new JsonBytes();
        kind.Write(json.Writer, in record);
        var fields = new FieldReader(json.Written, new UnknownFields(), new char[FieldReader.ScratchLength]);
        kind.Read(ref fields);
    }

    /// <summary>Writes a record, of which not all need be fit to be read: what cannot be told in JSON is left out.</summary>
    public static void Write<T>(RecordKind<T> kind, in T record)
    {
        using var json = new JsonBytes();
        kind.Write(json.Writer, in record);
    }
}
