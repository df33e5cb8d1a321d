using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace CrossLayer.Host.Tests.Analysis;

/// <summary>The members that a method's code names: the operands of its instructions that are tokens (ECMA-335, III.1.9).</summary>
internal static class IlTokens
{
    private static readonly Dictionary<ushort, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (ushort)code.Value);

    /// <summary>The tokens, in the order of the code.</summary>
    internal static IEnumerable<int> Of(byte[] code)
    {
        for (var i = 0; i < code.Length;)
        {
            var opcode = code[i] == 0xfe ? Codes[(ushort)(0xfe00 | code[i + 1])] : Codes[code[i]];
            i += opcode.Size;
            switch (opcode.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i));
                    i += 4;
                    break;
                case OperandType.InlineSwitch:
                    i += 4 + 4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(i));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    i += 1;
                    break;
                case OperandType.InlineVar:
                    i += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    i += 8;
                    break;
                default:
                    i += 4; // a branch's target, a number, a string's or a signature's token
                    break;
            }
        }
    }
}
