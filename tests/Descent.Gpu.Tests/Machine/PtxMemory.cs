using System.Globalization;

namespace Descent.Gpu.Tests.Machine;

/// <summary>Loads and stores. Addresses of the card are addresses of this process.</summary>
internal static unsafe class PtxMemory
{
    public static Action<PtxThread>? TryAssemble(PtxProgram program, string operation, string[] operands) => operation switch
    {
        "ld.param.b64" or "ld.param.f64" or "ld.param.u64" => LoadParameter(program, operands, sizeof(ulong)),
        "ld.param.b32" or "ld.param.f32" or "ld.param.u32" => LoadParameter(program, operands, sizeof(uint)),
        "ld.global.b64" => Load(program, operands, 'r', sizeof(ulong)),
        "ld.global.f64" => Load(program, operands, 'f', sizeof(ulong)),
        "ld.global.b32" => Load(program, operands, 'r', sizeof(uint)),
        "ld.global.f32" => Load(program, operands, 'f', sizeof(float)),
        "ld.global.v4.f32" => Load(program, [.. Elements(operands[0]), operands[1]], 'f', sizeof(float)),
        "st.global.f32" => Store(program, operands),
        "st.global.v4.f32" => Store(program, [operands[0], .. Elements(operands[1])]),
        _ => null,
    };

    private static Action<PtxThread> LoadParameter(PtxProgram program, string[] operands, int bytes)
    {
        int target = program.Register(operands[0]);
        string[] address = operands[1][1..^1].Split('+');
        int offset = address.Length > 1 ? int.Parse(address[1], CultureInfo.InvariantCulture) : 0;
        if (!program.TryFindParameter(address[0], out int parameter) || offset + bytes > program.Sizes[parameter] || offset % bytes != 0)
        {
            throw new NotSupportedException($"{operands[1]} is not {bytes} bytes of a parameter.");
        }

        return thread => thread.Registers[target] = bytes == sizeof(ulong)
            ? BitConverter.ToUInt64(thread.Parameters[parameter], offset)
            : BitConverter.ToUInt32(thread.Parameters[parameter], offset);
    }

    private static Action<PtxThread> Load(PtxProgram program, string[] operands, char kind, int bytes)
    {
        int[] targets = [.. operands[..^1].Select(program.Register)];
        if (operands[..^1].Any(operand => operand[1] != kind || (operand[2] == 'd') != (bytes == sizeof(ulong))))
        {
            throw new NotSupportedException($"{string.Join(", ", operands)}: registers of another type.");
        }

        Func<PtxThread, ulong> address = Address(program, operands[^1], bytes * targets.Length);
        return thread =>
        {
            byte* source = (byte*)address(thread);
            for (int i = 0; i < targets.Length; i++)
            {
                thread.Registers[targets[i]] = bytes == sizeof(ulong) ? *(ulong*)(source + (i * bytes)) : *(uint*)(source + (i * bytes));
            }
        };
    }

    private static Action<PtxThread> Store(PtxProgram program, string[] operands)
    {
        Func<PtxThread, ulong>[] sources = [.. operands[1..].Select(program.Read)];
        Func<PtxThread, ulong> address = Address(program, operands[0], sizeof(float) * sources.Length);
        return thread =>
        {
            uint* target = (uint*)address(thread);
            for (int i = 0; i < sources.Length; i++)
            {
                target[i] = (uint)sources[i](thread);
            }
        };
    }

    /// <summary>A card traps where the address is not a multiple of what is moved.</summary>
    private static Func<PtxThread, ulong> Address(PtxProgram program, string operand, int bytes)
    {
        string[] parts = operand[1..^1].Split('+');
        Func<PtxThread, ulong> register = program.Read(parts[0]);
        ulong offset = parts.Length > 1 ? ulong.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        return thread =>
        {
            ulong address = register(thread) + offset;
            return address % (ulong)bytes == 0 ? address : throw new InvalidOperationException($"{operand} is {address}, not a multiple of {bytes}.");
        };
    }

    private static string[] Elements(string vector) => vector[1..^1].Split(',', StringSplitOptions.TrimEntries);
}
