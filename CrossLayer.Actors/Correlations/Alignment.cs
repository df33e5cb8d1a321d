namespace CrossLayer.Actors.Correlations;

/// <summary>
/// Brings the requests that the kernel saw on a connection and those that an application reports of it into line, as an
/// edit alignment: both are in order, any of either may be missing, one report may span several turns of direction
/// (100-continue, an upload answered early, a tunnel), several may share one (pipelining). Pure.
/// </summary>
/// <remarks>
/// The cheapest alignment wins; the costs below are ranks of plausibility, not probabilities. What decides is how much
/// dearer the best alignment is in which the turn in question fares differently: below <see cref="LeastMargin"/> the
/// answer is that there are several.
/// </remarks>
internal static class Alignment
{
    /// <summary>An alignment has to be cheaper than the next by so much to be an answer.</summary>
    internal const double LeastMargin = 1;

    private const int MostTurns = 24;
    private const int MostClaims = 16;
    private const double SkippedTurn = 4;
    private const double SkippedOptionalTurn = 0.2;
    private const double SkippedClaim = 4;
    private const double SkippedOuterClaim = 0.8;
    private const double OtherBytes = 6;
    private const double UnknownBytes = 0.3;
    private const double OtherOrdinal = 3;

    /// <summary>Servers do not count a body that they throw away: nginx's <c>$request_length</c> at a <c>return</c>.</summary>
    private const double UncountedBody = 1.5;

    private const double Regrouped = 0.3;
    private const double JoinedByTime = 1;

    /// <summary>A response no longer than this may be an interim one: <c>HTTP/1.1 100 Continue</c> takes 25 bytes, TLS adds a record's frame.</summary>
    private const long MostInterimBytes = 128;

    /// <summary>Where the turn at <paramref name="target"/> belongs.</summary>
    internal static Placement Place(IReadOnlyList<Turn> turns, IReadOnlyList<Claim> claims, int target, long toleranceNs)
    {
        var grid = new Grid(turns, claims, toleranceNs);
        var before = grid.Before();
        var after = grid.After();

        var best = new Placement(target, 1, 0, 0, double.PositiveInfinity, 0, 0);
        for (var claim = 0; claim <= claims.Count; claim++)
            best = best with { Cost = Math.Min(best.Cost, before[target, claim] + grid.Skip(target) + after[target + 1, claim]) };

        var second = double.PositiveInfinity;
        var contenders = 0;
        for (var first = Math.Max(0, target - MostTurns); first <= target; first++)
            for (var claim = 0; claim < claims.Count; claim++)
                foreach (var (turnCount, claimCount, cost) in grid.Groups(first, claim))
                {
                    if (first + turnCount <= target)
                        continue;
                    var total = before[first, claim] + cost + after[first + turnCount, claim + claimCount];
                    if (double.IsPositiveInfinity(total))
                        continue;
                    contenders += cost < OtherBytes ? 1 : 0;
                    if (total < best.Cost)
                        (second, best) = (best.Cost, new Placement(first, turnCount, claim, claimCount, total, 0, 0));
                    else
                        second = Math.Min(second, total);
                }

        return best with { Margin = second - best.Cost, Contenders = contenders };
    }

    /// <summary>How many turns a claim fits.</summary>
    internal static int Candidates(IReadOnlyList<Turn> turns, Claim claim, long toleranceNs)
    {
        var grid = new Grid(turns, [claim], toleranceNs);
        return Enumerable.Range(0, turns.Count).Count(turn => grid.Groups(turn, 0) is [var (_, _, cost), ..] && cost < OtherBytes);
    }

    private sealed class Grid(IReadOnlyList<Turn> turns, IReadOnlyList<Claim> claims, long toleranceNs)
    {
        private readonly List<(int Turns, int Claims, double Cost)>?[,] _groups = new List<(int, int, double)>?[turns.Count, claims.Count];

        internal double Skip(int turn) => turns[turn].IsOptional ? SkippedOptionalTurn : turns[turn].IsKnown ? SkippedTurn : 1;

        /// <summary>Cheapest alignment of the turns and claims before.</summary>
        internal double[,] Before()
        {
            var cost = Filled();
            cost[0, 0] = 0;
            for (var t = 0; t <= turns.Count; t++)
                for (var c = 0; c <= claims.Count; c++)
                {
                    var here = cost[t, c];
                    if (t < turns.Count)
                        Lower(cost, t + 1, c, here + Skip(t));
                    if (c < claims.Count)
                        Lower(cost, t, c + 1, here + Skip(claims[c]));
                    if (t < turns.Count && c < claims.Count)
                        foreach (var (turnCount, claimCount, group) in Groups(t, c))
                            Lower(cost, t + turnCount, c + claimCount, here + group);
                }

            return cost;
        }

        /// <summary>Cheapest alignment of the turns and claims from here on.</summary>
        internal double[,] After()
        {
            var cost = Filled();
            cost[turns.Count, claims.Count] = 0;
            for (var t = turns.Count; t >= 0; t--)
                for (var c = claims.Count; c >= 0; c--)
                {
                    if (t < turns.Count)
                        Lower(cost, t, c, cost[t + 1, c] + Skip(t));
                    if (c < claims.Count)
                        Lower(cost, t, c, cost[t, c + 1] + Skip(claims[c]));
                    if (t < turns.Count && c < claims.Count)
                        foreach (var (turnCount, claimCount, group) in Groups(t, c))
                            Lower(cost, t, c, group + cost[t + turnCount, c + claimCount]);
                }

            return cost;
        }

        /// <summary>What a group may be that begins with this turn and this claim.</summary>
        internal List<(int Turns, int Claims, double Cost)> Groups(int turn, int claim) =>
            _groups[turn, claim] ??= [.. FindGroups(turn, claim)];

        private static double Skip(Claim claim) => claim.IsOuter ? SkippedOuterClaim : SkippedClaim;

        private IEnumerable<(int Turns, int Claims, double Cost)> FindGroups(int turn, int claim)
        {
            if (!Fits(turns[turn], claims[claim]))
                yield break;
            yield return (1, 1, One(turns[turn], claims[claim]));

            var (request, response) = (0L, 0L);
            var isWhole = true; // no part of the group from its start is a group of its own
            for (var t = turn; t < Math.Min(turns.Count, turn + MostTurns); t++)
            {
                if (t > turn && !(turns[t].Birth == turns[turn].Birth && Fits(turns[t], claims[claim])))
                    yield break;
                if (!turns[t].IsKnown)
                    yield break;
                request += turns[t].RequestBytes;
                response += turns[t].ResponseBytes;
                if (t > turn && Joined(turn, t, claims[claim], request, response) is { } joined)
                    yield return (t - turn + 1, 1, joined);
                if (isWhole && Shared(turns[t], claim, request, response) is var count and > 0)
                {
                    isWhole = false;
                    if (count > 1)
                        yield return (t - turn + 1, count, (Regrouped * (t - turn + count - 1)) + Misfit(turns[turn].StartNs, turns[t].EndNs,
                            claims[claim] with { EndNs = claims[claim + count - 1].EndNs }));
                }
            }
        }

        private static double One(Turn turn, Claim claim) =>
            (!turn.IsKnown || !claim.HasBytes ? UnknownBytes : claim.Has(turn.RequestBytes, turn.ResponseBytes) ? 0
                : claim.ResponseBytes == turn.ResponseBytes && claim.RequestBytes < turn.RequestBytes ? UncountedBody : OtherBytes)
            + OrdinalCost(turn, claim) + Misfit(turn.StartNs, turn.EndNs, claim);

        /// <summary>One claim over several turns.</summary>
        private double? Joined(int first, int last, Claim claim, long request, long response)
        {
            var count = last - first;
            var misfit = Misfit(turns[first].StartNs, turns[last].EndNs, claim) + OrdinalCost(turns[first], claim);
            if (claim.IsTunnel)
                return Regrouped + misfit;
            if (!claim.HasBytes)
                return misfit < 1 && LooksLikeOne(first, last) ? (JoinedByTime * count) + misfit : null;
            if (claim.Has(request, response))
                return (Regrouped * count) + misfit;
            // Answered before its end: what still came of the request is read away, and may not be counted.
            return turns[last].ResponseBytes == 0 && claim.ResponseBytes == response
                && claim.RequestBytes >= turns[first].RequestBytes && claim.RequestBytes <= request ? (2 * Regrouped * count) + misfit : null;
        }

        /// <summary>Without byte counts: interim responses before the last, or bytes after the answer that were not answered.</summary>
        private bool LooksLikeOne(int first, int last)
        {
            for (var t = first; t < last; t++)
                if (turns[t].ResponseBytes > MostInterimBytes && turns[t + 1].ResponseBytes > 0)
                    return false;
            return true;
        }

        /// <summary>How many claims from this one on have just these bytes together; 0 if there is no such number.</summary>
        private int Shared(Turn turn, int claim, long request, long response)
        {
            for (var c = claim; c < Math.Min(claims.Count, claim + MostClaims); c++)
            {
                if (claims[c] is not { RequestBytes: { } q, ResponseBytes: { } p } || !Fits(turn, claims[c]))
                    return 0;
                (request, response) = (request - q, response - p);
                if (request == 0 && response == 0)
                    return c - claim + 1;
                if (request < 0 || response < 0)
                    return 0;
            }

            return 0;
        }

        private static double OrdinalCost(Turn turn, Claim claim) =>
            turn.Ordinal > 0 && claim.Ordinal is { } ordinal && ordinal != turn.Ordinal ? OtherOrdinal : 0;

        private bool Fits(Turn turn, Claim claim) =>
            (claim.Cookie is null || turn.Cookie is null || claim.Cookie == turn.Cookie)
            && (claim is not { StartNs: { } start, EndNs: { } end }
                || (start - toleranceNs <= turn.LastNs && end + toleranceNs >= turn.StartNs));

        /// <summary>How far the turn sticks out of the claim's time, in units of the claim's resolution; and, lightly, how far their ends lie apart.</summary>
        private static double Misfit(long startNs, long endNs, Claim claim)
        {
            if (claim is not { StartNs: { } start, EndNs: { } end })
                return 0;
            var outside = Math.Max(0, start - startNs) + Math.Max(0, endNs - end);
            return Math.Min(2, outside / claim.ResolutionNs) + Math.Min(0.5, Math.Abs(end - endNs) / (20 * claim.ResolutionNs));
        }

        private double[,] Filled()
        {
            var cost = new double[turns.Count + 1, claims.Count + 1];
            for (var t = 0; t <= turns.Count; t++)
                for (var c = 0; c <= claims.Count; c++)
                    cost[t, c] = double.PositiveInfinity;
            return cost;
        }

        private static void Lower(double[,] cost, int turn, int claim, double to) => cost[turn, claim] = Math.Min(cost[turn, claim], to);
    }
}

/// <summary>A request as the kernel saw it, as far as aligning needs to know it.</summary>
/// <param name="StartNs">Its first byte.</param>
/// <param name="EndNs">The last byte of its response; its last event while there is none.</param>
/// <param name="LastNs">Its last event; <see cref="long.MaxValue"/> while it goes on.</param>
/// <param name="IsKnown">It is over: its byte counts are final.</param>
/// <param name="Birth">The connection among those that had this tuple.</param>
/// <param name="Ordinal">Its place on the connection from 1; 0 if the connection was not seen from its start.</param>
/// <param name="Cookie">The socket at the claims' end; null if that was not seen.</param>
/// <param name="IsOptional">Nobody would report it: part of a TLS handshake.</param>
internal readonly record struct Turn(
    long StartNs, long EndNs, long LastNs, long RequestBytes, long ResponseBytes, bool IsKnown, int Birth, int Ordinal, ulong? Cookie, bool IsOptional);

/// <summary>A request record, as far as aligning needs to know it.</summary>
/// <param name="ResolutionNs">How exact its times are.</param>
/// <param name="IsTunnel">It turned the connection into a tunnel: all that follows is its own.</param>
/// <param name="IsOuter">It may belong to a turn beyond those at hand.</param>
internal readonly record struct Claim(
    long? StartNs, long? EndNs, long? RequestBytes, long? ResponseBytes, int? Ordinal, ulong? Cookie, double ResolutionNs, bool IsTunnel, bool IsOuter)
{
    internal bool HasBytes => RequestBytes is not null || ResponseBytes is not null;

    internal bool Has(long request, long response) => (RequestBytes ?? request) == request && (ResponseBytes ?? response) == response;
}

/// <summary>Where a turn belongs: a group of turns and the claims they are reported by.</summary>
/// <param name="ClaimCount">0: nobody reports the turn.</param>
/// <param name="Margin">How much dearer the best other placement is.</param>
/// <param name="Contenders">Groups that the turn could have belonged to.</param>
internal readonly record struct Placement(int FirstTurn, int TurnCount, int FirstClaim, int ClaimCount, double Cost, double Margin, int Contenders)
{
    /// <summary>Other placements are as good.</summary>
    internal bool IsAmbiguous => Contenders > 0 && Margin < Alignment.LeastMargin;
}
