using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>Reads one record, with the reader standing in its object.</summary>
/// <exception cref="FieldException">A field has a value that the record cannot hold, or a required one is missing.</exception>
internal delegate T ReadRecord<out T>(ref FieldReader fields);

/// <summary>Writes one record as a JSON object.</summary>
internal delegate void WriteRecord<T>(Utf8JsonWriter writer, in T record);

/// <summary>One of the kinds of record that files hold.</summary>
/// <param name="Name">Its name in messages, singular.</param>
/// <param name="Container">The property that holds the array where the file is an object; null where it is never one.</param>
/// <param name="Read">From JSON.</param>
/// <param name="Write">To JSON.</param>
internal sealed record RecordKind<T>(string Name, string? Container, ReadRecord<T> Read, WriteRecord<T> Write);
