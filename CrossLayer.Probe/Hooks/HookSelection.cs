namespace CrossLayer.Probe.Hooks;

/// <summary>
/// Which rung each ladder stands on. Begins with the best that this kernel seems to have, and steps down where the
/// kernel turns out to refuse.
/// </summary>
internal sealed class HookSelection
{
    private readonly List<Climb> _climbs;
    private readonly IReadOnlyDictionary<string, string> _sections;

    /// <param name="choice">The kinds allowed.</param>
    /// <param name="kernel">What the running kernel has.</param>
    /// <param name="sections">Where each program of the object attaches, by its name.</param>
    /// <exception cref="ProbeUnavailableException">A required event cannot be seen.</exception>
    internal HookSelection(HookChoice choice, IKernelHooks kernel, IReadOnlyDictionary<string, string> sections)
    {
        _sections = sections;
        _climbs = [.. HookLadder.All.Select(ladder => new Climb(ladder, ladder.RungsFor(choice), choice, kernel, sections))];
        foreach (var climb in _climbs)
            climb.SkipWhatIsNotThere();
    }

    /// <summary>
    /// The programs to load, in the order in which to attach them, and backwards to detach them: what completes the work of another
    /// is there before it and after it. Else calls that are noted without a return meanwhile, by anybody on the machine, would count as lost.
    /// </summary>
    internal IEnumerable<string> Programs => _climbs.SelectMany(climb => climb.Programs).OrderByDescending(Completes);

    /// <summary>True if a chosen program cannot use socket storage.</summary>
    internal bool CopiesFields => _climbs.Any(climb => climb.Rung?.CopiesFields == true);

    /// <summary>True if a chosen program notes calls for their return.</summary>
    internal bool NotesCalls => _climbs.Any(climb => climb.Rung?.Kind == HookKind.Kprobe);

    /// <summary>How each event is seen.</summary>
    internal IReadOnlyList<HookStatus> Statuses => [.. _climbs.Select(climb => climb.Status)];

    /// <summary>The kernel refuses a program: its ladder steps down.</summary>
    /// <exception cref="ProbeUnavailableException">Nothing is left for a required event.</exception>
    internal void Refuse(string program, string reason)
    {
        var climb = _climbs.First(climb => climb.Programs.Contains(program));
        climb.StepDown(program, reason);
    }

    private bool Completes(string program) =>
        _sections[program].StartsWith("kretprobe/", StringComparison.Ordinal) || program.EndsWith(HookLadder.Deputy, StringComparison.Ordinal);

    private sealed class Climb(
        HookLadder ladder, IReadOnlyList<HookRung> rungs, HookChoice choice, IKernelHooks kernel, IReadOnlyDictionary<string, string> sections)
    {
        private readonly List<RefusedHook> _refused = [];
        private int _index;

        internal HookRung? Rung => _index < rungs.Count ? rungs[_index] : null;

        internal IReadOnlyList<string> Programs { get; private set; } = [];

        internal HookStatus Status => new(
            ladder.Event, ladder.Need, Rung?.Kind, [.. Programs.Select(program => sections[program]).Distinct()], Rung?.Limit, [.. _refused])
        {
            Types = ladder.Types,
        };

        internal void StepDown(string program, string reason)
        {
            _refused.Add(new RefusedHook(sections[program], reason));
            _index++;
            SkipWhatIsNotThere();
        }

        internal void SkipWhatIsNotThere()
        {
            for (; Rung is { } rung; _index++)
            {
                var found = rung.Programs.Select(program => (Program: program, Section: sections[program], Reason: kernel.WhyMissing(sections[program]))).ToList();
                Programs = [.. found.Where(program => program.Reason is null).Select(program => program.Program)];
                var first = sections[rung.Programs[0]];
                if (found.Find(program => program.Reason is not null && (rung.MayLack is null || !program.Section.EndsWith($"/{rung.MayLack}", StringComparison.Ordinal))) is { Reason: { } reason } lacking)
                    _refused.Add(new RefusedHook(lacking.Section, reason));
                else if (rung.Needs is { } needs && kernel.ArgumentsOf(first) < needs.Arguments)
                    _refused.Add(new RefusedHook(first, needs.Otherwise));
                else
                    return;
            }

            Programs = [];
            if (ladder.Need == HookNeed.Required)
                throw new ProbeUnavailableException($"cannot see {ladder.Event}{(choice == HookChoice.Auto ? "" : " with the hooks asked for")}: {string.Join("; ", _refused)}");
        }
    }
}

/// <summary>What a kernel has to attach to.</summary>
internal interface IKernelHooks
{
    /// <summary>Why there is nothing to attach to at a program's section; null if there is.</summary>
    string? WhyMissing(string section);

    /// <summary>How many arguments a tracepoint or a function has; 0 if there is none. By its section.</summary>
    int ArgumentsOf(string section);
}
