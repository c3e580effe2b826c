using System.Reflection;
using ILGPU;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;
using Compound = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>.CompoundRegister;
using Hardware = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>.HardwareRegister;
using Primitive = ILGPU.Backends.RegisterAllocator<ILGPU.Backends.PTX.PTXRegisterKind>.PrimitiveRegister;

namespace Descent.Gpu;

/// <summary>What each function of <see cref="Device"/> is in PTX. A method here has the name of the function that it writes.</summary>
internal static class PtxInstructions
{
    private const string Zero = "0f00000000";
    private const string One = "0f3F800000";
    private const string MinusOne = "0fBF800000";

    /// <summary>Makes ILGPU use these instructions in kernels of <paramref name="context"/>.</summary>
    public static void Register(Context context)
    {
        foreach (MethodInfo function in typeof(Device).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            context.GetIntrinsicManager().RegisterMethod(
                function, new PTXIntrinsic(typeof(PtxInstructions), function.Name, IntrinsicImplementationMode.GenerateCode));
        }
    }

    private static void Add(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "add.rn.f32");

    private static void Subtract(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "sub.rn.f32");

    private static void Multiply(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "mul.rn.f32");

    private static void Divide(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "div.rn.f32");

    private static void FusedMultiplyAdd(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "fma.rn.f32");

    private static void Sqrt(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "sqrt.rn.f32");

    private static void Abs(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "abs.f32");

    private static void Round(PTXBackend backend, PTXCodeGenerator code, Value value) => Arithmetic(code, value, "cvt.rn.f32.f64");

    private static void Max(PTXBackend backend, PTXCodeGenerator code, Value value) => Extreme(code, value, "max.f32");

    private static void Min(PTXBackend backend, PTXCodeGenerator code, Value value) => Extreme(code, value, "min.f32");

    private static void Sign(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        Primitive x = code.LoadPrimitive(value[0]);
        Hardware target = code.AllocateHardware(value);
        Hardware holds = Predicate(code);
        Hardware upper = Float(code);
        Compare(code, "setp.gt.f32", holds, x, Zero);
        Select(code, upper, One, x, holds);
        Compare(code, "setp.lt.f32", holds, x, Zero);
        Select(code, target, MinusOne, upper, holds);
        code.FreeRegister(upper);
        code.FreeRegister(holds);
    }

    private static void SelectPositive(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        Hardware holds = Predicate(code);
        Compare(code, "setp.gt.f32", holds, code.LoadPrimitive(value[0]), Zero);
        using (PTXCodeGenerator.CommandEmitter select = code.BeginCommand("selp.f32"))
        {
            select.AppendArgument(code.AllocateHardware(value));
            select.AppendArgument(code.LoadPrimitive(value[1]));
            select.AppendArgument(code.LoadPrimitive(value[2]));
            select.AppendArgument(holds);
        }

        code.FreeRegister(holds);
    }

    private static void LoadInt32(PTXBackend backend, PTXCodeGenerator code, Value value) => LoadOne(code, value, "ld.global.b32");

    private static void LoadInt64(PTXBackend backend, PTXCodeGenerator code, Value value) => LoadOne(code, value, "ld.global.b64");

    private static void LoadDouble(PTXBackend backend, PTXCodeGenerator code, Value value) => LoadOne(code, value, "ld.global.f64");

    private static void Load(PTXBackend backend, PTXCodeGenerator code, Value value) => LoadOne(code, value, "ld.global.f32");

    private static void Load4(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        var target = (Compound)code.Allocate(value);
        using PTXCodeGenerator.CommandEmitter load = code.BeginCommand("ld.global.v4.f32");
        load.AppendVectorArgument(target.SliceAs<Primitive>(0, 4));
        load.AppendArgumentValue(code.LoadHardware(value[0]));
    }

    private static void Store(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        using PTXCodeGenerator.CommandEmitter store = code.BeginCommand("st.global.f32");
        store.AppendArgumentValue(code.LoadHardware(value[0]));
        store.AppendArgument(code.LoadPrimitive(value[1]));
    }

    private static void Store4(PTXBackend backend, PTXCodeGenerator code, Value value)
    {
        // A rule may give a state a constant, which a vector can't hold.
        Primitive[] elements = code.LoadAs<Compound>(value[1]).SliceAs<Primitive>(0, 4);
        for (int i = 0; i < elements.Length; i++)
        {
            elements[i] = code.EnsureHardwareRegister(elements[i]);
        }

        using PTXCodeGenerator.CommandEmitter store = code.BeginCommand("st.global.v4.f32");
        store.AppendArgumentValue(code.LoadHardware(value[0]));
        store.AppendVectorArgument(elements);
    }

    private static void Arithmetic(PTXCodeGenerator code, Value value, string instruction)
    {
        // Operands first: a constant may need an instruction of its own to get into a register.
        Span<Primitive?> operands = new Primitive?[value.Nodes.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = code.LoadPrimitive(value[i]);
        }

        Hardware target = code.AllocateHardware(value);
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand(instruction);
        command.AppendArgument(target);
        foreach (Primitive? operand in operands)
        {
            command.AppendArgument(operand!);
        }
    }

    /// <summary>PTX's max and min pass the number on where the other is a NaN; a + b is a NaN exactly then, or where it isn't taken.</summary>
    private static void Extreme(PTXCodeGenerator code, Value value, string instruction)
    {
        Primitive a = code.LoadPrimitive(value[0]);
        Primitive b = code.LoadPrimitive(value[1]);
        Hardware target = code.AllocateHardware(value);
        Hardware extreme = Float(code);
        Hardware sum = Float(code);
        Hardware unordered = Predicate(code);
        Binary(code, instruction, extreme, a, b);
        Binary(code, "add.rn.f32", sum, a, b);
        Binary(code, "setp.nan.f32", unordered, a, b);
        using (PTXCodeGenerator.CommandEmitter select = code.BeginCommand("selp.f32"))
        {
            select.AppendArgument(target);
            select.AppendArgument(sum);
            select.AppendArgument(extreme);
            select.AppendArgument(unordered);
        }

        code.FreeRegister(unordered);
        code.FreeRegister(sum);
        code.FreeRegister(extreme);
    }

    private static void Binary(PTXCodeGenerator code, string instruction, Hardware target, Primitive a, Primitive b)
    {
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand(instruction);
        command.AppendArgument(target);
        command.AppendArgument(a);
        command.AppendArgument(b);
    }

    private static void Compare(PTXCodeGenerator code, string instruction, Hardware target, Primitive x, string constant)
    {
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand(instruction);
        command.AppendArgument(target);
        command.AppendArgument(x);
        command.AppendRawValueReference(constant);
    }

    private static void Select(PTXCodeGenerator code, Hardware target, string ifTrue, Primitive ifFalse, Hardware predicate)
    {
        using PTXCodeGenerator.CommandEmitter command = code.BeginCommand("selp.f32");
        command.AppendArgument(target);
        command.AppendRawValueReference(ifTrue);
        command.AppendArgument(ifFalse);
        command.AppendArgument(predicate);
    }

    private static void LoadOne(PTXCodeGenerator code, Value value, string instruction)
    {
        Hardware address = code.LoadHardware(value[0]);
        using PTXCodeGenerator.CommandEmitter load = code.BeginCommand(instruction);
        load.AppendArgument(code.AllocateHardware(value));
        load.AppendArgumentValue(address);
    }

    private static Hardware Predicate(PTXCodeGenerator code) => code.AllocateRegister(BasicValueType.Int1, PTXRegisterKind.Predicate);

    private static Hardware Float(PTXCodeGenerator code) => code.AllocateRegister(BasicValueType.Float32, PTXRegisterKind.Float32);
}
