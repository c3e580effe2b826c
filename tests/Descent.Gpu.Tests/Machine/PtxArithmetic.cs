namespace Descent.Gpu.Tests.Machine;

/// <summary>Arithmetic by the PTX ISA manual. Subnormal numbers are kept, as everywhere without <c>.ftz</c>.</summary>
internal static class PtxArithmetic
{
    private static readonly char[] Digits = [.. "0123456789"];

    public static Action<PtxThread> Assemble(PtxProgram program, string operation, string[] operands)
    {
        Func<ulong, ulong, ulong, ulong> function = Find(operation);
        CheckTypes(operation, operands);
        int target = program.Register(operands[0]);
        Func<PtxThread, ulong> a = program.Read(operands[1]);
        Func<PtxThread, ulong> b = operands.Length > 2 ? program.Read(operands[2]) : static _ => 0;
        Func<PtxThread, ulong> c = operands.Length > 3 ? program.Read(operands[3]) : static _ => 0;
        return thread => thread.Registers[target] = function(a(thread), b(thread), c(thread));
    }

    private static Func<ulong, ulong, ulong, ulong> Find(string operation) => operation switch
    {
        // Float, correctly rounded. C#'s operators are, on this machine.
        "add.rn.f32" => static (a, b, _) => Bits(Float(a) + Float(b)),
        "sub.rn.f32" => static (a, b, _) => Bits(Float(a) - Float(b)),
        "mul.rn.f32" => static (a, b, _) => Bits(Float(a) * Float(b)),
        "div.rn.f32" => static (a, b, _) => Bits(Float(a) / Float(b)),
        "fma.rn.f32" => static (a, b, c) => Bits(MathF.FusedMultiplyAdd(Float(a), Float(b), Float(c))),
        "sqrt.rn.f32" => static (a, _, _) => Bits(MathF.Sqrt(Float(a))),
        "abs.f32" => static (a, _, _) => Bits(MathF.Abs(Float(a))),
        "cvt.rn.f32.f64" => static (a, _, _) => Bits((float)Double(a)),

        // The number where one is a NaN, +0 above −0: IEEE 754-2019's maximumNumber.
        "max.f32" => static (a, b, _) => Bits(float.MaxNumber(Float(a), Float(b))),
        "min.f32" => static (a, b, _) => Bits(float.MinNumber(Float(a), Float(b))),
        "setp.gt.f32" => static (a, b, _) => Truth(Float(a) > Float(b)),
        "setp.lt.f32" => static (a, b, _) => Truth(Float(a) < Float(b)),
        "setp.nan.f32" => static (a, b, _) => Truth(float.IsNaN(Float(a)) || float.IsNaN(Float(b))),
        "selp.f32" or "selp.b64" => static (a, b, c) => c != 0 ? a : b,
        "selp.b32" => static (a, b, c) => (uint)(c != 0 ? a : b),

        "mul.f64" => static (a, b, _) => Bits(Double(a) * Double(b)),
        "neg.f64" => static (a, _, _) => Bits(-Double(a)),
        "add.f64" => static (a, b, _) => Bits(Double(a) + Double(b)),
        "sub.f64" => static (a, b, _) => Bits(Double(a) - Double(b)),

        "mov.b32" or "mov.u32" or "mov.f32" => static (a, _, _) => (uint)a,
        "mov.b64" or "mov.u64" or "mov.f64" => static (a, _, _) => a,
        "cvt.s64.s32" => static (a, _, _) => (ulong)(long)(int)a,
        "cvt.s32.s64" or "cvt.u32.u64" => static (a, _, _) => (uint)a,
        "add.s32" or "add.u32" => static (a, b, _) => (uint)a + (uint)b,
        "add.s64" or "add.u64" => static (a, b, _) => a + b,
        "sub.s32" => static (a, b, _) => (uint)((int)a - (int)b),
        "sub.s64" => static (a, b, _) => a - b,
        "mul.lo.s32" => static (a, b, _) => (uint)((int)a * (int)b),
        "mul.lo.s64" => static (a, b, _) => a * b,
        "mul.wide.s32" => static (a, b, _) => (ulong)((long)(int)a * (int)b),
        "mul.wide.u32" => static (a, b, _) => (ulong)(uint)a * (uint)b,
        "mad.lo.s32" => static (a, b, c) => (uint)(((int)a * (int)b) + (int)c),
        "mad.lo.s64" => static (a, b, c) => (a * b) + c,
        "div.s32" => static (a, b, _) => (uint)((int)a / (int)b),
        "and.b32" => static (a, b, _) => (uint)(a & b),
        "and.pred" => static (a, b, _) => a & b,
        "or.pred" => static (a, b, _) => a | b,
        "not.pred" => static (a, _, _) => Truth(a == 0),
        "shl.b32" => static (a, b, _) => b > 31 ? 0 : (uint)a << (int)b,
        "shl.b64" => static (a, b, _) => b > 63 ? 0 : a << (int)b,
        "shr.s32" => static (a, b, _) => (uint)((int)a >> (int)Math.Min(b, 31)),
        "shr.u32" or "shr.b32" => static (a, b, _) => b > 31 ? 0 : (uint)a >> (int)b,
        "min.s32" => static (a, b, _) => (uint)Math.Min((int)a, (int)b),
        "min.s64" => static (a, b, _) => (ulong)Math.Min((long)a, (long)b),
        "setp.ne.s32" => static (a, b, _) => Truth((int)a != (int)b),
        "setp.eq.s32" => static (a, b, _) => Truth((int)a == (int)b),
        "setp.lt.s32" => static (a, b, _) => Truth((int)a < (int)b),
        "setp.le.s32" => static (a, b, _) => Truth((int)a <= (int)b),
        "setp.gt.s32" => static (a, b, _) => Truth((int)a > (int)b),
        "setp.ge.s32" => static (a, b, _) => Truth((int)a >= (int)b),
        "setp.lt.s64" => static (a, b, _) => Truth((long)a < (long)b),
        "setp.le.s64" => static (a, b, _) => Truth((long)a <= (long)b),
        "setp.gt.s64" => static (a, b, _) => Truth((long)a > (long)b),
        "setp.ge.s64" => static (a, b, _) => Truth((long)a >= (long)b),
        _ => throw new NotSupportedException($"'{operation}' is not among the instructions that kernels are expected to consist of."),
    };

    /// <summary>NVIDIA's assembler refuses a register of another type; so does this.</summary>
    private static void CheckTypes(string operation, string[] operands)
    {
        string[] parts = operation.Split('.');
        (string Target, string Source) = parts[0] switch
        {
            "cvt" => (Prefix(parts[^2]), Prefix(parts[^1])),
            "setp" => ("%p", Prefix(parts[^1])),
            "mul" when parts[1] == "wide" => ("%rd", "%r"),
            _ => (Prefix(parts[^1]), Prefix(parts[^1])),
        };
        for (int i = 0; i < operands.Length; i++)
        {
            string operand = operands[i];
            string wanted = i == 0 ? Target : parts[0] == "selp" && i == 3 ? "%p" : Source;
            bool fits = operand[0] == '%'
                ? operand.Contains('.', StringComparison.Ordinal) ? wanted == "%r" : operand.TrimEnd(Digits) == wanted
                : operand.StartsWith("0f", StringComparison.Ordinal) ? wanted == "%f"
                : operand.StartsWith("0d", StringComparison.Ordinal) ? wanted == "%fd"
                : wanted is "%r" or "%rd";
            if (!fits)
            {
                throw new NotSupportedException($"{operation} {string.Join(", ", operands)}: {operand} is not of the kind {wanted}.");
            }
        }
    }

    private static string Prefix(string type) => type switch
    {
        "f32" => "%f",
        "f64" => "%fd",
        "pred" => "%p",
        "b64" or "s64" or "u64" => "%rd",
        _ => "%r",
    };

    private static float Float(ulong bits) => BitConverter.UInt32BitsToSingle((uint)bits);

    private static double Double(ulong bits) => BitConverter.UInt64BitsToDouble(bits);

    private static ulong Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);

    private static ulong Truth(bool value) => value ? 1UL : 0;
}
