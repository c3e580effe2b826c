using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Descent.Optimizers;

/// <summary>The two element types: conversions that the JIT folds to one instruction.</summary>
internal static class Element
{
    /// <summary>Rounds a double to <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Round<T>(double value) where T : unmanaged =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(ToSingle(value)) : Unsafe.BitCast<double, T>(value);

    /// <summary>
    /// (float)value. On x86 through the packed conversion: the scalar one keeps the upper bits of its target register, so inside a loop
    /// it waits for the previous turn's result, which made AdamW a third slower than memory allows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ToSingle(double value) =>
        Sse2.IsSupported ? Sse2.ConvertToVector128Single(Vector128.CreateScalarUnsafe(value)).ToScalar() : (float)value;

    /// <summary>The name of <typeparamref name="T"/> as an <see cref="ElementType"/>.</summary>
    /// <exception cref="NotSupportedException">It is neither float nor double.</exception>
    public static ElementType TypeOf<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? ElementType.Float32
        : typeof(T) == typeof(double) ? ElementType.Float64
        : throw new NotSupportedException(
            $"Elements of type {typeof(T).Name} are not served; float and double are. Convert the parameters to one of them.");
}
