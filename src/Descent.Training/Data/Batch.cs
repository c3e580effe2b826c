using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Data;

/// <summary>A batch as tensors, owned by whoever called <see cref="BatchLoader.Next"/>: dispose it after the step.</summary>
public sealed class Batch : IDisposable
{
    private Batch(Tensor inputs, Tensor targets, int samples, long tokens, long targetBytes)
    {
        Inputs = inputs;
        Targets = targets;
        Samples = samples;
        Tokens = tokens;
        TargetBytes = targetBytes;
    }

    /// <summary>int64 [samples, context] for text, float32 [samples, …] otherwise.</summary>
    public Tensor Inputs { get; }

    /// <summary>int64 [samples, context] for text, int64 [samples] for classes, float32 [samples, outputs] for numbers.</summary>
    public Tensor Targets { get; }

    /// <summary>Samples in the batch; the last one of a pass may hold fewer than the others.</summary>
    public int Samples { get; }

    /// <summary>Target tokens (text); equals <see cref="Samples"/> elsewhere.</summary>
    public long Tokens { get; }

    /// <summary>UTF-8 bytes that the targets stand for: summed loss ÷ this is nats a byte, comparable between tokenizers. 0 where not text.</summary>
    public long TargetBytes { get; }

    /// <summary>Copies a filled host batch into new tensors.</summary>
    /// <param name="host">The batch to copy; free for the next filling afterwards.</param>
    /// <param name="device">Where the tensors go; null is the CPU.</param>
    internal static Batch From(HostBatch host, Device? device)
    {
        DataShape shape = host.Shape;
        int inputs = host.Samples * shape.InputLength;
        long[] inputShape = [host.Samples, .. shape.InputShape];
        return shape.Task switch
        {
            TaskKind.LanguageModel => new Batch(
                Copy<long>(host.Tokens.AsSpan(0, inputs), inputShape, ScalarType.Int64, device),
                Copy<long>(host.Labels.AsSpan(0, inputs), inputShape, ScalarType.Int64, device),
                host.Samples, inputs, host.TargetBytes),
            TaskKind.Classification => new Batch(
                Copy<float>(host.Features.AsSpan(0, inputs), inputShape, ScalarType.Float32, device),
                Copy<long>(host.Labels.AsSpan(0, host.Samples), [host.Samples], ScalarType.Int64, device),
                host.Samples, host.Samples, host.TargetBytes),
            _ => new Batch(
                Copy<float>(host.Features.AsSpan(0, inputs), inputShape, ScalarType.Float32, device),
                Copy<float>(host.Values.AsSpan(0, host.Samples * shape.Outputs), [host.Samples, shape.Outputs], ScalarType.Float32, device),
                host.Samples, host.Samples, host.TargetBytes),
        };
    }

    /// <summary>Frees both tensors.</summary>
    public void Dispose()
    {
        Inputs.Dispose();
        Targets.Dispose();
    }

    private static Tensor Copy<T>(ReadOnlySpan<T> values, long[] shape, ScalarType type, Device? device)
        where T : unmanaged
    {
        Tensor tensor = empty(shape, type);
        MemoryMarshal.AsBytes(values).CopyTo(tensor.bytes);
        if (device is null || device.type == DeviceType.CPU)
        {
            return tensor;
        }

        using (tensor)
        {
            return tensor.to(device);
        }
    }
}
