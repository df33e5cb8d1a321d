using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace CrossLayer.Host.Lab;

/// <summary>What a namespace of a lab is called: it says whose it is, so that those of killed runs are found.</summary>
/// <param name="Owner">The process that made it.</param>
/// <param name="Lab">Which of the owner's labs; from 1.</param>
/// <param name="Host">What it stands for.</param>
internal readonly record struct LabNamespaceName(LabOwner Owner, int Lab, LabHost Host)
{
    private const string Prefix = "crosslayer-lab-";

    /// <summary>Where ip-netns(8) keeps namespaces by their names.</summary>
    public const string Folder = "/run/netns";

    /// <summary>All that are on this machine.</summary>
    public static IReadOnlyList<LabNamespaceName> Existing()
    {
        if (!Directory.Exists(Folder))
            return [];
        var names = new List<LabNamespaceName>();
        foreach (var file in Directory.EnumerateFiles(Folder, $"{Prefix}*"))
        {
            if (TryParse(Path.GetFileName(file), out var name))
                names.Add(name);
        }

        return names;
    }

    /// <summary>Reads a name; false for what is not a lab's.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out LabNamespaceName name)
    {
        name = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text[Prefix.Length..].Split('-') is not [var pid, var start, var lab, var host])
            return false;
        if (!int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var ownerPid)
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ownerStart)
            || !int.TryParse(lab, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || Enum.GetValues<LabHost>().Where(value => TextOf(value) == host).ToArray() is not [var parsed])
        {
            return false;
        }

        name = new LabNamespaceName(new LabOwner(ownerPid, ownerStart), number, parsed);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Owner.Pid}-{Owner.StartTicks}-{Lab}-{TextOf(Host)}");

    private static string TextOf(LabHost host) => host switch
    {
        LabHost.Client => "client",
        LabHost.Router => "router",
        _ => "server",
    };
}
