namespace CrossLayer.Host.Daemon;

/// <summary>Writes a file that others may move away, as log rotation does.</summary>
internal interface IReopens
{
    /// <summary>Goes on in a new file of the same name.</summary>
    void Reopen();
}
