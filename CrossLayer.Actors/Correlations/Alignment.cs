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
    internal const double LeastMargin = 2;

    /// <summary>Turns that one record may span, and turns before one that are looked at with it.</summary>
    internal const int MostTurns = 24;

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
    internal const long MostInterimBytes = 128;

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
            {
                if (first == target)
                    Consider(first, claim, 1, 1, grid.One(first, claim));
                foreach (var (turnCount, claimCount, cost) in grid.Groups(first, claim))
                    if (first + turnCount > target)
                        Consider(first, claim, turnCount, claimCount, cost);
            }

        return best with { Margin = second - best.Cost, Contenders = contenders };

        void Consider(int first, int claim, int turnCount, int claimCount, double cost)
        {
            var total = before[first, claim] + cost + after[first + turnCount, claim + claimCount];
            if (double.IsPositiveInfinity(total))
                return;
            contenders += cost < OtherBytes ? 1 : 0;
            if (total < best.Cost)
                (second, best) = (best.Cost, new Placement(first, turnCount, claim, claimCount, total, 0, 0));
            else
                second = Math.Min(second, total);
        }
    }

    /// <summary>How many turns a claim fits.</summary>
    internal static int Candidates(IReadOnlyList<Turn> turns, Claim claim, long toleranceNs)
    {
        var grid = new Grid(turns, [claim], toleranceNs);
        return Enumerable.Range(0, turns.Count).Count(turn => grid.One(turn, 0) < OtherBytes);
    }

    /// <summary>A turn and a claim with the same bytes, at the same time.</summary>
    internal static bool Agree(Turn turn, Claim claim, long toleranceNs) =>
        turn.IsKnown && Fits(turn, claim, toleranceNs) && (!claim.HasBytes || claim.Has(turn.RequestBytes, turn.ResponseBytes))
        && claim.HasRoomIn(turn.RequestBytes, turn.ResponseBytes);

    /// <summary>
    /// A turn and a claim that names its place, at the same time, with the same bytes but for a request body that the server threw away
    /// and did not count.
    /// </summary>
    internal static bool AgreeInPlace(Turn turn, Claim claim, long toleranceNs) => Agree(turn, claim, toleranceNs)
        || (turn is { IsKnown: true, Ordinal: > 0 } && claim.Ordinal == turn.Ordinal && IsBodyUncounted(turn, claim) && Fits(turn, claim, toleranceNs));

    private static bool IsBodyUncounted(Turn turn, Claim claim) => claim.ResponseBytes == turn.ResponseBytes && claim.RequestBytes < turn.RequestBytes;

    private static bool Fits(Turn turn, Claim claim, long toleranceNs) =>
        (claim.Cookie is null || (turn.Cookie is null ? claim.Birth is null || claim.Birth == turn.Birth : claim.Cookie == turn.Cookie))
        && (claim is not { StartNs: { } start, EndNs: { } end }
            || (start - toleranceNs <= turn.LastNs && end + toleranceNs >= turn.StartNs));

    private sealed class Grid
    {
        private static readonly List<(int Turns, int Claims, double Cost)> NoGroups = [];

        private readonly IReadOnlyList<Turn> _turns;
        private readonly IReadOnlyList<Claim> _claims;
        private readonly long _toleranceNs;
        private readonly double[,] _one;
        private readonly List<(int Turns, int Claims, double Cost)>?[,] _groups;

        internal Grid(IReadOnlyList<Turn> turns, IReadOnlyList<Claim> claims, long toleranceNs)
        {
            (_turns, _claims, _toleranceNs) = (turns, claims, toleranceNs);
            _one = new double[turns.Count, claims.Count];
            _groups = new List<(int, int, double)>?[turns.Count, claims.Count];
            for (var t = 0; t < turns.Count; t++)
                for (var c = 0; c < claims.Count; c++)
                    _one[t, c] = !turns[t].IsTaken && Fits(turns[t], claims[c]) ? One(turns[t], claims[c]) : double.PositiveInfinity;
        }

        /// <summary>One turn and one claim.</summary>
        internal double One(int turn, int claim) => _one[turn, claim];

        internal double Skip(int turn) => _turns[turn].IsTaken ? 0 : _turns[turn].IsOptional ? SkippedOptionalTurn : _turns[turn].IsKnown ? SkippedTurn : 1;

        /// <summary>Cheapest alignment of the turns and claims before.</summary>
        internal double[,] Before()
        {
            var cost = Filled();
            cost[0, 0] = 0;
            for (var t = 0; t <= _turns.Count; t++)
                for (var c = 0; c <= _claims.Count; c++)
                {
                    var here = cost[t, c];
                    if (t < _turns.Count)
                        Lower(cost, t + 1, c, here + Skip(t));
                    if (c < _claims.Count)
                        Lower(cost, t, c + 1, here + SkipClaim(c, t));
                    if (t == _turns.Count || c == _claims.Count)
                        continue;
                    Lower(cost, t + 1, c + 1, here + _one[t, c]);
                    foreach (var (turnCount, claimCount, group) in Groups(t, c))
                        Lower(cost, t + turnCount, c + claimCount, here + group);
                }

            return cost;
        }

        /// <summary>Cheapest alignment of the turns and claims from here on.</summary>
        internal double[,] After()
        {
            var cost = Filled();
            cost[_turns.Count, _claims.Count] = 0;
            for (var t = _turns.Count; t >= 0; t--)
                for (var c = _claims.Count; c >= 0; c--)
                {
                    if (t < _turns.Count)
                        Lower(cost, t, c, cost[t + 1, c] + Skip(t));
                    if (c < _claims.Count)
                        Lower(cost, t, c, cost[t, c + 1] + SkipClaim(c, t));
                    if (t == _turns.Count || c == _claims.Count)
                        continue;
                    Lower(cost, t, c, _one[t, c] + cost[t + 1, c + 1]);
                    foreach (var (turnCount, claimCount, group) in Groups(t, c))
                        Lower(cost, t, c, group + cost[t + turnCount, c + claimCount]);
                }

            return cost;
        }

        /// <summary>What a group of more than two may be that begins with this turn and this claim.</summary>
        internal List<(int Turns, int Claims, double Cost)> Groups(int turn, int claim) => _groups[turn, claim] ??=
            double.IsPositiveInfinity(_one[turn, claim]) || _turns[turn].IsWhole || IsExact(_turns[turn], _claims[claim]) ? NoGroups : [.. FindGroups(turn, claim)];

        /// <summary>Before the first turn and after the last, a claim may belong to turns beyond: order leaves it no other place.</summary>
        private double SkipClaim(int claim, int turn) =>
            (turn == 0 && _claims[claim].Outer.HasFlag(Outer.Before)) || (turn == _turns.Count && _claims[claim].Outer.HasFlag(Outer.After))
                ? SkippedOuterClaim : SkippedClaim;

        /// <summary>The bytes of one are the bytes of the other: no larger group is needed to make them agree.</summary>
        private static bool IsExact(Turn turn, Claim claim) => turn.IsKnown && !claim.IsTunnel
            && claim is { RequestBytes: not null, ResponseBytes: not null } && claim.Has(turn.RequestBytes, turn.ResponseBytes);

        private IEnumerable<(int Turns, int Claims, double Cost)> FindGroups(int turn, int claim)
        {
            var (request, response) = (0L, 0L);
            var isOne = true; // the first claim's time reaches all turns of the group
            var isWhole = true; // no part of the group from its start is a group of its own
            for (var t = turn; t < Math.Min(_turns.Count, turn + MostTurns); t++)
            {
                if (_turns[t].Birth != _turns[turn].Birth || _turns[t].IsWhole)
                    yield break;
                isOne &= t == turn || Fits(_turns[t], _claims[claim]);
                if (!isOne && !isWhole)
                    yield break;
                if (!_turns[t].IsKnown)
                    yield break;
                request += _turns[t].RequestBytes;
                response += _turns[t].ResponseBytes;
                if (isOne && t > turn && Joined(turn, t, _claims[claim], request, response) is { } joined)
                    yield return (t - turn + 1, 1, joined);
                if (isWhole && Shared(_turns[turn] with { LastNs = _turns[t].LastNs }, claim, request, response) is var count and > 0)
                {
                    isWhole = false;
                    if (count > 1 && Fits(_turns[t], _claims[claim + count - 1]))
                        yield return (t - turn + 1, count, (Regrouped * (t - turn + count - 1)) + Misfit(_turns[turn].StartNs, _turns[t].EndNs,
                            _claims[claim] with { EndNs = _claims[claim + count - 1].EndNs }));
                }
            }
        }

        private static double One(Turn turn, Claim claim) =>
            (turn.IsKnown && !claim.HasRoomIn(turn.RequestBytes, turn.ResponseBytes) ? OtherBytes
                : !turn.IsKnown || !claim.HasBytes ? UnknownBytes : claim.Has(turn.RequestBytes, turn.ResponseBytes) ? 0
                : IsBodyUncounted(turn, claim) ? UncountedBody : OtherBytes)
            + OrdinalCost(turn, claim) + Misfit(turn.StartNs, turn.EndNs, claim);

        /// <summary>One claim over several turns.</summary>
        private double? Joined(int first, int last, Claim claim, long request, long response)
        {
            var count = last - first;
            var misfit = Misfit(_turns[first].StartNs, _turns[last].EndNs, claim) + OrdinalCost(_turns[first], claim);
            if (claim.IsTunnel)
                return Regrouped + misfit;
            if (!claim.HasBytes)
                return LooksLikeOne(first, last) && Encloses(claim, _turns[first].StartNs, _turns[last].EndNs) ? (JoinedByTime * count) + misfit : null;
            if (claim.Has(request, response))
                return (Regrouped * count) + misfit;
            // Answered before its end: what still came of the request is read away, and may not be counted.
            return _turns[last].ResponseBytes == 0 && claim.ResponseBytes == response
                && claim.RequestBytes > _turns[first].RequestBytes && claim.RequestBytes <= request ? (2 * Regrouped * count) + misfit : null;
        }

        /// <summary>The claim's time holds all of it, as exactly as its clock can tell.</summary>
        private static bool Encloses(Claim claim, long startNs, long endNs) => claim is { StartNs: { } start, EndNs: { } end }
            && endNs - startNs >= 4 * claim.CoarseNs
            && Math.Max(0, start - startNs) + Math.Max(0, endNs - end) <= claim.CoarseNs + ((endNs - startNs) / 10.0);

        /// <summary>Without byte counts: interim responses before the last, or bytes after the answer that were not answered.</summary>
        private bool LooksLikeOne(int first, int last)
        {
            for (var t = first; t < last; t++)
                if (_turns[t].ResponseBytes > MostInterimBytes && _turns[t + 1].ResponseBytes > 0)
                    return false;
            return true;
        }

        /// <summary>How many claims from this one on have just these bytes together; 0 if there is no such number.</summary>
        private int Shared(Turn turn, int claim, long request, long response)
        {
            for (var c = claim; c < Math.Min(_claims.Count, claim + MostClaims); c++)
            {
                if (_claims[c] is not { RequestBytes: { } q, ResponseBytes: { } p } || !Fits(turn, _claims[c]))
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

        private bool Fits(Turn turn, Claim claim) => Alignment.Fits(turn, claim, _toleranceNs);

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
            var cost = new double[_turns.Count + 1, _claims.Count + 1];
            for (var t = 0; t <= _turns.Count; t++)
                for (var c = 0; c <= _claims.Count; c++)
                    cost[t, c] = double.PositiveInfinity;
            return cost;
        }

        private static void Lower(double[,] cost, int turn, int claim, double to) => cost[turn, claim] = Math.Min(cost[turn, claim], to);
    }
}
