using System.Runtime.InteropServices;

namespace CrossLayer.Probe.Native;

/// <summary><c>struct btf_type</c> (include/uapi/linux/btf.h), followed in memory by its members.</summary>
internal struct BtfType
{
    internal uint NameOffset;
    internal uint Info;
    internal uint SizeOrType;

    internal readonly int MemberCount => (int)(Info & 0xffff);
    internal readonly uint Kind => Info >> 24 & 0x1f;
}

/// <summary>Type information of an object or of the running kernel.</summary>
internal sealed unsafe class Btf : IDisposable
{
    private const uint KindStruct = 4;
    private const uint KindEnum = 6;
    private const uint KindTypedef = 8;
    private const uint KindFunction = 12;
    private const uint KindDataSection = 15;
    private const uint KindEnum64 = 19;

    private readonly bool _owned;
    private nint _btf;

    private Btf(nint btf, bool owned) => (_btf, _owned) = (btf, owned);

    /// <summary>The running kernel's; null where it offers none.</summary>
    internal static Btf? OfKernel()
    {
        var btf = LibBpf.btf__load_vmlinux_btf();
        return btf == 0 ? null : new Btf(btf, owned: true);
    }

    /// <summary>Type information as it stands in a section <c>.BTF</c>.</summary>
    /// <exception cref="ProbeException">It is malformed.</exception>
    internal static Btf Parse(ReadOnlySpan<byte> section)
    {
        fixed (byte* data = section)
        {
            var btf = LibBpf.btf__new(data, (uint)section.Length);
            return btf == 0 ? throw new ProbeException($"{section.Length} bytes are no BTF") : new Btf(btf, owned: true);
        }
    }

    /// <summary>An object's; it lives as long as the object.</summary>
    internal static Btf Of(BpfObjectHandle obj) => new(LibBpf.bpf_object__btf(obj), owned: false);

    /// <summary>True if the kernel has a tracepoint of that name, typed.</summary>
    internal bool HasTracepoint(string name) => LibBpf.btf__find_by_name_kind(_btf, $"btf_trace_{name}", KindTypedef) > 0;

    /// <summary>True if the kernel has a function of that name that can be attached to.</summary>
    internal bool HasFunction(string name) => LibBpf.btf__find_by_name_kind(_btf, name, KindFunction) > 0;

    /// <summary>True if the kernel has a BPF iterator of that name.</summary>
    internal bool HasIterator(string name) => LibBpf.btf__find_by_name_kind(_btf, $"bpf_iter__{name}", KindStruct) > 0;

    /// <summary>How many arguments a function has, or, as <c>trace_NAME</c>, a tracepoint; 0 if there is none.</summary>
    internal int ArgumentsOf(string name)
    {
        var id = LibBpf.btf__find_by_name_kind(_btf, name, KindFunction);
        if (id > 0)
            return Type(Type((uint)id)->SizeOrType)->MemberCount;
        id = LibBpf.btf__find_by_name_kind(_btf, $"btf_{name}", KindTypedef);
        // A pointer to a function whose first argument is the tracepoint's own.
        return id > 0 ? Type(Type(Type((uint)id)->SizeOrType)->SizeOrType)->MemberCount - 1 : 0;
    }

    /// <summary>A struct's size and its members' byte offsets, in order.</summary>
    /// <exception cref="ProbeException">There is no such struct.</exception>
    internal (int Size, IReadOnlyList<(string Name, int Offset, int Size)> Members) Struct(string name)
    {
        var type = Find(name, KindStruct);
        var members = (Member*)(type + 1);
        var list = new List<(string, int, int)>(type->MemberCount);
        for (var i = 0; i < type->MemberCount; i++)
            list.Add((Name(members[i].NameOffset), (int)members[i].BitOffset / 8, (int)LibBpf.btf__resolve_size(_btf, members[i].Type)));
        return ((int)type->SizeOrType, list);
    }

    /// <summary>Whether there is a struct that has a member of this name.</summary>
    internal bool HasStruct(string name, string member) =>
        LibBpf.btf__find_by_name_kind(_btf, name, KindStruct) > 0 && Struct(name).Members.Any(found => found.Name == member);

    /// <summary>
    /// Names of an enum's values, whether it is kept in 32 bits or in 64; empty where the kernel has no such enum. Values
    /// above 32 bits are left out.
    /// </summary>
    internal IReadOnlyDictionary<uint, string> Enum(string name)
    {
        var id = LibBpf.btf__find_by_name_kind(_btf, name, KindEnum);
        if (id <= 0)
            id = LibBpf.btf__find_by_name_kind(_btf, name, KindEnum64);
        return id <= 0 ? new Dictionary<uint, string>() : ValuesOf(Type((uint)id));
    }

    /// <summary>The first enum, named or not, that has a value of this name; empty where none has.</summary>
    internal IReadOnlyDictionary<uint, string> EnumHolding(string value)
    {
        var types = LibBpf.btf__type_cnt(_btf);
        for (var id = 1u; id < types; id++)
        {
            var type = Type(id);
            if (type->Kind is KindEnum or KindEnum64 && ValuesOf(type) is var values && values.ContainsValue(value))
                return values;
        }

        return new Dictionary<uint, string>();
    }

    /// <summary>Offset and size of each variable of a data section such as <c>.rodata</c>.</summary>
    internal IReadOnlyDictionary<string, (int Offset, int Size)> DataSection(string name)
    {
        var type = Find(name, KindDataSection);
        var variables = (SectionVariable*)(type + 1);
        var map = new Dictionary<string, (int, int)>();
        for (var i = 0; i < type->MemberCount; i++)
        {
            var variable = Type(variables[i].Type);
            map.Add(Name(variable->NameOffset), ((int)variables[i].Offset, (int)variables[i].Size));
        }

        return map;
    }

    public void Dispose()
    {
        if (_owned && _btf != 0)
            LibBpf.btf__free(_btf);
        _btf = 0;
    }

    private BtfType* Find(string name, uint kind)
    {
        var id = LibBpf.btf__find_by_name_kind(_btf, name, kind);
        if (id <= 0)
            throw new ProbeException($"BTF has no '{name}' of kind {kind}");
        return Type((uint)id);
    }

    private Dictionary<uint, string> ValuesOf(BtfType* type)
    {
        var names = new Dictionary<uint, string>();
        if (type->Kind == KindEnum)
        {
            var values = (EnumValue*)(type + 1);
            for (var i = 0; i < type->MemberCount; i++)
                names.TryAdd((uint)values[i].Value, Name(values[i].NameOffset));
            return names;
        }

        var wide = (Enum64Value*)(type + 1);
        for (var i = 0; i < type->MemberCount; i++)
            if (wide[i].High == 0)
                names.TryAdd(wide[i].Low, Name(wide[i].NameOffset));
        return names;
    }

    private BtfType* Type(uint id) => LibBpf.btf__type_by_id(_btf, id);

    private string Name(uint offset) => Marshal.PtrToStringUTF8((nint)LibBpf.btf__name_by_offset(_btf, offset)) ?? "";

#pragma warning disable CS0649 // libbpf's memory, only read
    private struct Member
    {
        internal uint NameOffset;
        internal uint Type;
        internal uint BitOffset;
    }

    private struct EnumValue
    {
        internal uint NameOffset;
        internal int Value;
    }

    private struct Enum64Value
    {
        internal uint NameOffset;
        internal uint Low;
        internal uint High;
    }

    private struct SectionVariable
    {
        internal uint Type;
        internal uint Offset;
        internal uint Size;
    }
#pragma warning restore CS0649
}
