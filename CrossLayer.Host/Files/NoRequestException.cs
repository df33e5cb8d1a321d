namespace CrossLayer.Host.Files;

/// <summary>A line of a log can be read, but tells of no request: nobody asked on that connection.</summary>
internal sealed class NoRequestException() : Exception("the line tells of no request");
