using System.Buffers;
using System.Text.Json;

namespace CrossLayer.Host.Files;

/// <summary>Reads one record, with the reader standing in its object.</summary>
/// <exception cref="FieldException">A field has a value that the record cannot hold, or a required one is missing.</exception>
/// <exception cref="NoRequestException">It is no record.</exception>
internal delegate T ReadRecord<out T>(ref FieldReader fields);

/// <summary>Writes one record as a JSON object.</summary>
internal delegate void WriteRecord<T>(Utf8JsonWriter writer, in T record);

/// <summary>Makes JSON of a line of a program that escapes in a way of its own.</summary>
/// <param name="line">The line, without its end.</param>
/// <param name="json">Takes the line in JSON, on one line.</param>
/// <returns>False where the line is no record; nothing is written then.</returns>
internal delegate bool MendLine(ReadOnlySpan<byte> line, IBufferWriter<byte> json);

/// <summary>One of the kinds of record that files hold.</summary>
/// <param name="Name">Its name in messages, singular.</param>
/// <param name="Container">The property that holds the array where the file is an object; null where it is never one.</param>
/// <param name="Read">From JSON.</param>
/// <param name="Write">To JSON.</param>
/// <param name="Mend">Makes JSON of a line first; null where the lines are JSON.</param>
internal sealed record RecordKind<T>(string Name, string? Container, ReadRecord<T> Read, WriteRecord<T> Write, MendLine? Mend = null);
