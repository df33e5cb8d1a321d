namespace CrossLayer.Host.Ingest.AccessLogs;

/// <summary>How far a file was read.</summary>
/// <param name="Device">The device it is on.</param>
/// <param name="Inode">Its number there, which another file may have once it is gone.</param>
/// <param name="Offset">Where the next line begins, in bytes from its start.</param>
/// <param name="HeadBytes">Bytes of its beginning that tell it from another file.</param>
/// <param name="HeadHash">Their SHA-256, in hex.</param>
/// <param name="IsSkipping">True inside a line that is too long.</param>
internal sealed record LogPosition(ulong Device, ulong Inode, long Offset, int HeadBytes, string HeadHash, bool IsSkipping = false)
{
    /// <summary>Which file.</summary>
    public FileIdentity Identity => new(Device, Inode);
}
