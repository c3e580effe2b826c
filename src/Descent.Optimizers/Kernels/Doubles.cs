using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Descent.Optimizers;

/// <summary>Elements as doubles, and sums of them. On x86 one instruction widens: what <see cref="Vector256.Widen(Vector256{float})"/> makes takes far longer.</summary>
internal static unsafe class Doubles
{
    private static bool HasFused => Fma.IsSupported || AdvSimd.Arm64.IsSupported;

    /// <summary>Four neighbours in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Four<T>(T* x) where T : unmanaged =>
        typeof(T) == typeof(double) ? Vector256.Load((double*)x) : Of(Vector128.Load((float*)x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Of(Vector128<float> x) =>
        Avx.IsSupported ? Avx.ConvertToVector256Double(x) : Vector256.Create(Vector128.WidenLower(x), Vector128.WidenUpper(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Of(Vector256<float> x) =>
        Avx512F.IsSupported ? Avx512F.ConvertToVector512Double(x) : Vector512.Create(Of(x.GetLower()), Of(x.GetUpper()));

    /// <summary>sum + x, or sum + x² with one rounding.</summary>
    /// <typeparam name="T">What x was before: the square of a float is exact in double, so that fused or not is the same.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add<T>(Vector256<double> x, Vector256<double> sum, bool squares) where T : unmanaged =>
        !squares ? sum + x : typeof(T) == typeof(double) || HasFused ? Vector256.FusedMultiplyAdd(x, x, sum) : sum + (x * x);

    /// <inheritdoc cref="Add{T}(Vector256{double}, Vector256{double}, bool)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add<T>(Vector512<double> x, Vector512<double> sum, bool squares) where T : unmanaged =>
        !squares ? sum + x : typeof(T) == typeof(double) || HasFused ? Vector512.FusedMultiplyAdd(x, x, sum) : sum + (x * x);
}
