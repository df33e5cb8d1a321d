using System.Reflection;
using System.Reflection.Emit;
using CrossLayer.Host.Analysis;
using CrossLayer.Host.Experiments;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>No detector can come by what is known of the faults: not by what it is given, and not by what it is made of.</summary>
public sealed class BlindnessTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly string[] Forbidden = ["CrossLayer.Host.Experiments", "CrossLayer.Host.Lab", "CrossLayer.Host.Analysis.Scoring"];

    private static readonly Dictionary<short, OpCode> Opcodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(opcode => opcode.Value);

    public static TheoryData<string> Detectors => [.. Implementations.Select(type => type.FullName!)];

    private static IEnumerable<Type> Implementations => typeof(IDetector).Assembly.GetTypes()
        .Where(type => type is { IsInterface: false, IsAbstract: false } && type.IsAssignableTo(typeof(IDetector)));

    [Fact]
    public void Nothing_that_detectors_are_given_leads_to_a_label() => Assert.Empty(Leaks(typeof(EpisodeInput), typeof(IDetector), typeof(EpisodeReader)));

    [Theory, MemberData(nameof(Detectors))]
    public void Nothing_that_a_detector_is_made_of_leads_to_a_label(string detector) => Assert.Empty(Leaks(typeof(IDetector).Assembly.GetType(detector)!));

    [Fact]
    public void All_detectors_are_looked_at() => Assert.Equal(
        ["CrossLayerDetector", "DummyDetector", "EwmaDetector", "RetransmitOrResetDetector", "RetransmitRatioDetector", "RobustZDetector", "SocketRulesDetector",
            "StaticThresholdDetector", "StatusDetector", "UnionDetector"],
        Implementations.Select(type => type.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void A_label_would_be_found() => Assert.NotEmpty(Leaks(typeof(ScoredEpisode)));

    [Fact]
    public void A_label_that_only_a_method_makes_use_of_would_be_found() => Assert.NotEmpty(Leaks(typeof(Peeks)));

    private static List<string> Leaks(params Type[] from)
    {
        var seen = new HashSet<Type>();
        var open = new Queue<Type>(from);
        while (open.TryDequeue(out var type))
            if (type.Assembly.GetName().Name!.StartsWith("CrossLayer", StringComparison.Ordinal) ? seen.Add(type) : type.HasElementType || type.IsGenericType)
                foreach (var next in Next(type).Where(next => !seen.Contains(next)))
                    open.Enqueue(next);
        return [.. seen.Select(type => type.FullName ?? type.Name).Where(name => Forbidden.Any(space => name.StartsWith($"{space}.", StringComparison.Ordinal)))];
    }

    private static IEnumerable<Type> Next(Type type)
    {
        if (type.HasElementType)
            return [type.GetElementType()!];
        var of = type.GetGenericArguments().Concat(type.GetInterfaces());
        if (!type.Assembly.GetName().Name!.StartsWith("CrossLayer", StringComparison.Ordinal))
            return type.GetGenericArguments();
        return of.Concat(type.BaseType is { } parent ? [parent] : [])
            .Concat(type.GetNestedTypes(All))
            .Concat(type.GetFields(All).Select(field => field.FieldType))
            .Concat(type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(Next));
    }

    /// <summary>Its parameters and result, its variables, and all that it calls or reads.</summary>
    private static IEnumerable<Type> Next(MethodBase method)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var result })
            types = types.Append(result);
        if (method.GetMethodBody() is not { } body)
            return types;
        return types.Concat(body.LocalVariables.Select(local => local.LocalType)).Concat(Named(method, body.GetILAsByteArray()!));
    }

    /// <summary>What the instructions name (ECMA-335, III.1.2: an opcode of one byte, or of two where the first is 0xFE, and its operand).</summary>
    private static IEnumerable<Type> Named(MethodBase method, byte[] code)
    {
        var generics = (method.DeclaringType!.GetGenericArguments(), method.IsGenericMethod ? method.GetGenericArguments() : []);
        for (var i = 0; i < code.Length;)
        {
            var opcode = Opcodes[code[i] == 0xFE ? unchecked((short)(0xFE00 | code[i + 1])) : code[i]];
            i += opcode.Size;
            if (opcode.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType
                && Resolve(method.Module, BitConverter.ToInt32(code, i), generics) is { } member)
                yield return member as Type ?? member.DeclaringType!;
            i += opcode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }

    private static MemberInfo? Resolve(Module module, int token, (Type[] OfType, Type[] OfMethod) generics)
    {
        try
        {
            return module.ResolveMember(token, generics.OfType, generics.OfMethod) is { } member && (member is Type || member.DeclaringType is not null) ? member : null;
        }
        catch (Exception exception) when (exception is ArgumentException or BadImageFormatException)
        {
            return null; // four bytes that are no token
        }
    }

    private static class Peeks
    {
        internal static int Count(string path) => Read(path).Length;

        private static string Read(string path) => EpisodeLabel.Read(path).Episode;
    }
}
