using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CrossLayer.Probe.Hooks;
using CrossLayer.Probe.Native;
using CrossLayer.Probe.Ring;

namespace CrossLayer.Probe.Tests;

public sealed partial class LayoutTests
{
    [Fact]
    public void Every_field_of_the_event_lies_where_the_BPF_object_has_it()
    {
        using var obj = ProgramLoader.Open();
        using var btf = Btf.Of(obj);
        var (size, members) = btf.Struct("crosslayer_event");

        Assert.Equal(members, FieldsOf(typeof(KernelEvent)));
        Assert.Equal(size, Unsafe.SizeOf<KernelEvent>());
        Assert.Equal(size, members.Sum(member => member.Size));
    }

    [Theory]
    [InlineData("crosslayer_event_type", typeof(KernelEventType), "CROSSLAYER_", "None")]
    [InlineData("crosslayer_role", typeof(SocketRole), "CROSSLAYER_ROLE_", null)]
    [InlineData("crosslayer_flags", typeof(StreamFlags), "CROSSLAYER_", "None")]
    public void Every_enum_has_the_names_and_values_of_the_BPF_object(string name, Type type, string prefix, string? onlyHere)
    {
        using var obj = ProgramLoader.Open();
        using var btf = Btf.Of(obj);

        var kernels = btf.Enum(name).Select(pair => (pair.Value.ToLowerInvariant(), pair.Key)).Order();
        var own = Enum.GetNames(type).Where(value => value != onlyHere)
            .Select(value => ((prefix + SnakeCase(value)).ToLowerInvariant(), Convert.ToUInt32(Enum.Parse(type, value), CultureInfo.InvariantCulture))).Order();

        Assert.NotEmpty(kernels);
        Assert.Equal(kernels, own);
    }

    [Fact]
    public void The_counters_of_a_CPU_are_as_large_as_in_the_BPF_object()
    {
        using var obj = ProgramLoader.Open();
        using var btf = Btf.Of(obj);

        var (size, members) = btf.Struct("crosslayer_cpu_stats");

        Assert.Equal(CpuStats.EntryBytes, size);
        Assert.Equal([("made", 0, 8), ("lost", 8, 8), ("last_lost_ns", 16, 8), ("deputy_runs", 24, 8), ("engaged", 32, 8), ("without_state", 40, 8), ("padding", 48, 16)], members);
    }

    [Theory]
    [InlineData("crosslayer_settings", typeof(KernelSettings))]
    [InlineData("crosslayer_cgroup", typeof(KernelSettings.CgroupId))]
    [InlineData("crosslayer_exchange", typeof(ExchangeRecord))]
    [InlineData("crosslayer_summary", typeof(ExchangeSummary))]
    [InlineData("crosslayer_run", typeof(CallRun))]
    [InlineData("crosslayer_mark", typeof(StreamOffset))]
    public void Every_field_of_a_struct_lies_where_the_BPF_object_has_it(string name, Type type)
    {
        using var obj = ProgramLoader.Open();
        using var btf = Btf.Of(obj);
        var (size, members) = btf.Struct(name);

        Assert.Equal(members, FieldsOf(type));
        Assert.Equal(size, SizeOf(type));
    }

    [Fact]
    public void The_ladders_name_exactly_the_programs_of_the_BPF_object()
    {
        using var obj = ProgramLoader.Open();

        var named = HookLadder.All.SelectMany(ladder => ladder.Rungs).SelectMany(rung => rung.Programs).Distinct();

        Assert.Equal(ProgramLoader.Sections(obj).Keys.Order(), named.Order());
    }

    [Fact]
    public void Each_rung_holds_programs_of_its_own_kind_beside_the_one_that_names_sockets()
    {
        using var obj = ProgramLoader.Open();
        var sections = ProgramLoader.Sections(obj);

        foreach (var rung in HookLadder.All.SelectMany(ladder => ladder.Rungs))
            Assert.All(rung.Programs.Where(program => program != "tp_birth"), program => Assert.Contains(sections[program].Split('/')[0], Prefixes(rung.Kind)));

        static string[] Prefixes(HookKind kind) => kind switch
        {
            HookKind.TypedTracepoint => ["tp_btf"],
            HookKind.RawTracepoint => ["raw_tp"],
            HookKind.Fentry => ["fentry", "fexit"],
            HookKind.Kprobe => ["kprobe", "kretprobe"],
            _ => ["iter"],
        };
    }

    private static IEnumerable<(string Name, int Offset, int Size)> FieldsOf(Type type) => type
        .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        .Select(field => (Name: SnakeCase(field.Name), Offset: OffsetOf(type, field), Size: SizeOf(field.FieldType)))
        .OrderBy(field => field.Offset);

    // Marshal.OffsetOf tells the marshalled layout, which inline arrays do not have.
    private static int OffsetOf(Type type, FieldInfo field)
    {
        var method = new DynamicMethod("offset", typeof(nint), [], typeof(LayoutTests).Module, true);
        var code = method.GetILGenerator();
        var instance = code.DeclareLocal(type);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Ldflda, field);
        code.Emit(OpCodes.Ldloca, instance);
        code.Emit(OpCodes.Sub);
        code.Emit(OpCodes.Conv_I);
        code.Emit(OpCodes.Ret);
        return (int)method.CreateDelegate<Func<nint>>()();
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static string SnakeCase(string name) =>
        string.Concat(WordStart().Replace(name, "_$0").Select(char.ToLowerInvariant));

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex WordStart();
}
