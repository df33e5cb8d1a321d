using System.Text.RegularExpressions;

namespace CrossLayer.Host.Tests.Outputs;

/// <summary>What a PromQL expression asks for: read by its tokens alone.</summary>
internal sealed partial class Expression
{
    private static readonly string[] Grouping = ["by", "without", "on", "ignoring", "group_left", "group_right"];
    private static readonly string[] Words = ["and", "or", "unless", "bool", "offset", "inf", "nan"];

    public Expression(string text)
    {
        Text = text;
        var tokens = Tokens().Matches(text).Select(match => match.Value).ToList();
        for (var i = 0; i < tokens.Count; i++)
        {
            var (token, next) = (tokens[i], i + 1 < tokens.Count ? tokens[i + 1] : "");
            if (token == "[")
                i = tokens.IndexOf("]", i);
            else if (Grouping.Contains(token) && next == "(")
                i = List(tokens, i + 2, ")", Grouped);
            else if (!Name().IsMatch(token) || next == "(" || Grouping.Contains(next) || Words.Contains(token.ToLowerInvariant()))
                continue;
            else
                i = Selector(tokens, i);
        }
    }

    public string Text { get; }

    /// <summary>Each metric, with its matchers: label, operator, value.</summary>
    public List<(string Metric, List<(string Label, string Operator, string Value)> Matchers)> Metrics { get; } = [];

    /// <summary>Labels that it groups by; what is left of all others where there are any.</summary>
    public List<string> Grouped { get; } = [];

    private static int List(List<string> tokens, int at, string end, List<string> into)
    {
        for (; tokens[at] != end; at++)
            if (tokens[at] != ",")
                into.Add(tokens[at]);
        return at;
    }

    private int Selector(List<string> tokens, int at)
    {
        var matchers = new List<(string, string, string)>();
        Metrics.Add((tokens[at], matchers));
        if (at + 1 >= tokens.Count || tokens[at + 1] != "{")
            return at;
        var parts = new List<string>();
        var end = List(tokens, at + 2, "}", parts);
        for (var i = 0; i < parts.Count; i += 3)
            matchers.Add((parts[i], parts[i + 1], parts[i + 2].Trim('"')));
        return end;
    }

    [GeneratedRegex("""
        "(?:[^"\\]|\\.)*"|[a-zA-Z_:][a-zA-Z0-9_:]*|\$[a-z_]+|[0-9.]+[a-z]*|=~|!~|!=|==|>=|<=|[-+*/%^(){}\[\],=<>]
        """)]
    private static partial Regex Tokens();

    [GeneratedRegex("^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    private static partial Regex Name();
}
