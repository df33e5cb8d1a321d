using System.Security.Cryptography;

namespace CrossLayer.Fuzz;

/// <summary>An input that a decoder does wrong with.</summary>
/// <param name="Target">The decoder.</param>
/// <param name="What">What went wrong, first in one line.</param>
/// <param name="Input">The input.</param>
internal sealed record Finding(string Target, string What, byte[] Input)
{
    /// <summary>What went wrong, in one line.</summary>
    public string Summary => What.Split('\n', 2)[0];

    /// <summary>Writes the input, and beside it what went wrong.</summary>
    /// <returns>The input's file.</returns>
    public string WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Target}-{Convert.ToHexStringLower(SHA256.HashData(Input))[..12]}.bin");
        File.WriteAllBytes(path, Input);
        File.WriteAllText(Path.ChangeExtension(path, ".txt"), What);
        return path;
    }
}
