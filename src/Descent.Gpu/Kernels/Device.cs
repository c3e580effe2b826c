using ILGPU.IR.Intrinsics;

namespace Descent.Gpu;

/// <summary>
/// The instructions that kernels are made of. The bodies here are what they mean, and what runs on ILGPU's CPU accelerator; for a card,
/// <see cref="PtxInstructions"/> writes exactly one instruction, or a fixed few, for each.
/// </summary>
/// <remarks>
/// ILGPU's own operators don't do: it has no fused multiply-add, writes <c>mul.f32</c> and <c>add.f32</c> without a rounding, which allows NVIDIA's assembler to
/// fuse them, lets <c>max.f32</c> drop a NaN, and turns a choice between two numbers into a branch that it may take for uniform.
/// </remarks>
internal static unsafe class Device
{
    [IntrinsicImplementation]
    public static float Add(float a, float b) => a + b;

    [IntrinsicImplementation]
    public static float Subtract(float a, float b) => a - b;

    [IntrinsicImplementation]
    public static float Multiply(float a, float b) => a * b;

    [IntrinsicImplementation]
    public static float Divide(float a, float b) => a / b;

    [IntrinsicImplementation]
    public static float FusedMultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    [IntrinsicImplementation]
    public static float Sqrt(float x) => MathF.Sqrt(x);

    [IntrinsicImplementation]
    public static float Abs(float x) => MathF.Abs(x);

    [IntrinsicImplementation]
    public static float Max(float a, float b) => MathF.Max(a, b);

    [IntrinsicImplementation]
    public static float Min(float a, float b) => MathF.Min(a, b);

    [IntrinsicImplementation]
    public static float Sign(float x) => x > 0 ? 1 : x < 0 ? -1 : x;

    [IntrinsicImplementation]
    public static float SelectPositive(float x, float a, float b) => x > 0 ? a : b;

    [IntrinsicImplementation]
    public static float Round(double value) => (float)value;

    [IntrinsicImplementation]
    public static int LoadInt32(long address) => *(int*)address;

    [IntrinsicImplementation]
    public static long LoadInt64(long address) => *(long*)address;

    [IntrinsicImplementation]
    public static double LoadDouble(long address) => *(double*)address;

    [IntrinsicImplementation]
    public static float Load(long address) => *(float*)address;

    [IntrinsicImplementation]
    public static void Store(long address, float value) => *(float*)address = value;

    /// <summary>The address is a multiple of 16.</summary>
    [IntrinsicImplementation]
    public static Float4 Load4(long address) => *(Float4*)address;

    /// <summary>The address is a multiple of 16.</summary>
    [IntrinsicImplementation]
    public static void Store4(long address, Float4 value) => *(Float4*)address = value;
}
