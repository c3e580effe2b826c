using System.Runtime.InteropServices;
using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Adds Gaussian noise to all gradients: flat ones in one pass, others through libtorch, with the same numbers.</summary>
internal sealed class NoisePass
{
    private readonly GradientNoise _singles = new();
    private readonly GradientNoise _doubles = new();
    private readonly List<NoiseStream> _streams = [];

    public void Add(GradientSlots slots, Func<string, NoiseStream> streamOf, IParallelRunner threads)
    {
        Add(_singles, slots.Singles, streamOf, threads);
        Add(_doubles, slots.Doubles, streamOf, threads);
        foreach (ParameterState parameter in slots.Others)
        {
            ThroughOperators(parameter, streamOf(parameter.Name));
        }
    }

    private void Add(GradientNoise noise, SlotList list, Func<string, NoiseStream> streamOf, IParallelRunner threads)
    {
        _streams.Clear();
        foreach (ParameterState owner in list.Owners)
        {
            _streams.Add(streamOf(owner.Name));
        }

        noise.Add(list.Slots, CollectionsMarshal.AsSpan(_streams), list.Type, threads);
    }

    private static void ThroughOperators(ParameterState parameter, NoiseStream stream) => GradientSlots.Replace(parameter, gradient =>
    {
        // In memory of the host whatever the device is, and in double, so that the numbers are those of the kernel.
        Tensor host = gradient.to(ScalarType.Float64, CPU).contiguous().clone();
        GradientNoise.Add(MemoryMarshal.Cast<byte, double>(host.bytes), stream);
        return host.to(gradient.dtype, gradient.device);
    });
}
