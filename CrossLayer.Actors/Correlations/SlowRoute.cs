using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using CrossLayer.Actors.Requests;

namespace CrossLayer.Actors.Correlations;

/// <summary>From when on the requests of a route are slow, where the one limit for all does not fit; an entry of <c>crosslayer.correlation.slow-routes</c>.</summary>
/// <param name="Role">Whose records: a server's latency does not contain the network's time. Null for both.</param>
/// <param name="Route">As in the record, without the method; one that ends with <c>*</c> stands for all that begin like it.</param>
/// <param name="Limit">A request that takes so long, or longer, is slow.</param>
public sealed record SlowRoute(RequestRole? Role, string Route, TimeSpan Limit)
{
    /// <summary>The setting's path.</summary>
    public const string Setting = $"{CorrelationSettings.Section}.{Key}";

    internal const string Key = "slow-routes";

    private const string Example = """{ role = client, route = "/orders", limit = 40ms }""";
    private const string RoleKey = "role";
    private const string RouteKey = "route";
    private const string LimitKey = "limit";

    /// <summary>True for requests that this limit is for.</summary>
    public bool IsFor(RequestRole role, string route) => (Role is null || Role == role) && RoutePattern.Fits(Route, route);

    /// <summary>The entries as HOCON, which <see cref="CorrelationSettings.From"/> reads back. Limits are written in whole microseconds, rounded up.</summary>
    public static string ToHocon(IEnumerable<SlowRoute> routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var text = new StringBuilder().Append(Setting).Append(" = [\n");
        foreach (var route in routes)
        {
            var role = route.Role is { } known ? $"{RoleKey} = {NameOf(known)}, " : "";
            var limit = (long)Math.Ceiling(route.Limit.TotalMicroseconds);
            text.Append(CultureInfo.InvariantCulture, $"  {{ {role}{RouteKey} = {Quoted(route.Route)}, {LimitKey} = {limit} microseconds }}\n");
        }

        return text.Append("]\n").ToString();
    }

    /// <summary>Reads the entries, in their order.</summary>
    /// <exception cref="ConfigurationException">One cannot be meant.</exception>
    internal static IReadOnlyList<SlowRoute> ReadAll(Config section)
    {
        if (section.GetValue(Key) is not { } value)
            return [];
        // IsArray is false for an empty one.
        if (value.IsString() || value.IsObject())
            throw new ConfigurationException($"{Setting} = {OneLine(value)}: expected a list of objects such as {Example}");
        var routes = new List<SlowRoute>();
        // "[" and "]" on two lines have something empty between them.
        foreach (var entry in value.GetArray().Where(entry => entry.Values.Count > 0))
        {
            var name = $"{Setting}, entry {routes.Count + 1}";
            var route = Read(entry, name);
            if (routes.Any(other => (other.Role, other.Route) == (route.Role, route.Route)))
                throw new ConfigurationException($"{name} ({route.Route}) is listed before: expected each route once for each role");
            routes.Add(route);
        }

        return routes;
    }

    private static SlowRoute Read(HoconValue entry, string name)
    {
        if (!entry.IsObject())
            throw new ConfigurationException($"{name} is {OneLine(entry)}: expected an object such as {Example}");
        var fields = entry.GetObject().Items;
        if (fields.Keys.FirstOrDefault(key => key is not (RoleKey or RouteKey or LimitKey)) is { } unknown)
            throw new ConfigurationException($"{name} has {unknown}: expected {RoleKey}, {RouteKey} and {LimitKey}");
        if (!fields.TryGetValue(RouteKey, out var route) || !route.IsString() || route.GetString() is not { Length: > 0 } path)
            throw new ConfigurationException($"""{name} has no {RouteKey}: expected one such as "/orders" or "/reports/*" """.TrimEnd());
        return new SlowRoute(
            fields.TryGetValue(RoleKey, out var role) ? RoleOf(role, $"{name} ({path})") : null,
            path,
            fields.TryGetValue(LimitKey, out var limit) ? LimitOf(limit, $"{name} ({path})")
                : throw new ConfigurationException($"{name} ({path}) has no {LimitKey}: expected a duration above 0 such as 40ms"));
    }

    private static RequestRole RoleOf(HoconValue value, string name)
    {
        foreach (var role in Enum.GetValues<RequestRole>())
            if (value.IsString() && value.GetString() == NameOf(role))
                return role;
        throw new ConfigurationException($"{name} has {RoleKey} = {OneLine(value)}: expected client or server, or no role for both");
    }

    private static TimeSpan LimitOf(HoconValue value, string name)
    {
        try
        {
            if (value.IsString() && value.GetTimeSpan(allowInfinite: false) is var limit && limit > TimeSpan.Zero)
                return limit;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            throw Bad(exception);
        }

        throw Bad(null);

        ConfigurationException Bad(Exception? cause) =>
            new($"{name} has {LimitKey} = {OneLine(value)}: expected a duration above 0 such as 40ms", cause);
    }

    private static string NameOf(RequestRole role) => role switch
    {
        RequestRole.Client => "client",
        RequestRole.Server => "server",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "no such role"),
    };

    private static string OneLine(HoconValue value) =>
        string.Join(' ', (value.IsString() ? value.GetString() : value.ToString()).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    // A string of HOCON is one of JSON.
    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
