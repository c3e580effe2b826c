using System.Runtime.CompilerServices;
using Descent.Optimizers;

namespace Descent.Gpu;

/// <summary>One float in a thread of a card. Every operation is the correctly rounded one, so that a card computes the bits of the processor's lanes.</summary>
internal readonly struct GpuLane(float value) : ILane<GpuLane>
{
    public readonly float Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Broadcast(double value) => new(Device.Round(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane operator +(GpuLane a, GpuLane b) => new(Device.Add(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane operator -(GpuLane a, GpuLane b) => new(Device.Subtract(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane operator *(GpuLane a, GpuLane b) => new(Device.Multiply(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane operator /(GpuLane a, GpuLane b) => new(Device.Divide(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane FusedMultiplyAdd(GpuLane a, GpuLane b, GpuLane c) => new(Device.FusedMultiplyAdd(a.Value, b.Value, c.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Sqrt(GpuLane x) => new(Device.Sqrt(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Max(GpuLane a, GpuLane b) => new(Device.Max(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Min(GpuLane a, GpuLane b) => new(Device.Min(a.Value, b.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Abs(GpuLane x) => new(Device.Abs(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane Sign(GpuLane x) => new(Device.Sign(x.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GpuLane SelectPositive(GpuLane x, GpuLane a, GpuLane b) => new(Device.SelectPositive(x.Value, a.Value, b.Value));
}
