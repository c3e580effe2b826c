using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>A rule over encoded streams.</summary>
internal static class StorageChecks
{
    private const int Steps = 3;

    /// <summary>Every length around every width, and around the edges of blocks of 128 and 256 and of what is staged at once.</summary>
    private static readonly int[] Lengths =
        [.. Enumerable.Range(0, 35), .. Enumerable.Range(62, 5), .. Enumerable.Range(126, 5), .. Enumerable.Range(254, 5), 511, 512, 513, 1023, 1024, 1025, 2050];

    /// <summary>Enough for several pieces of work, with tiny and empty tensors in between.</summary>
    private static readonly int[] Mixed = [50_001, 0, 3, 17, 40_000, 1, 0, 12_345, 100];

    public static void SameBytesAtEveryWidth(OptimizerOptions options, StateFormat format)
    {
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors reference = new(options, storage, Lengths);
            reference.Run(Kernel(options, LaneWidth.Scalar), 1, Steps);
            foreach (LaneWidth width in (LaneWidth[])[LaneWidth.Bits128, LaneWidth.Bits256, LaneWidth.Bits512, LaneWidth.Widest])
            {
                using StoredTensors wide = new(options, storage, Lengths);
                wide.Run(Kernel(options, width), 1, Steps);
                wide.RequireGuards($"{width}");
                wide.RequireSameBytes(reference, $"{width} against scalar");
            }
        }
    }

    public static void SameBytesOnAnyThreads(OptimizerOptions options, StateFormat format)
    {
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors reference = new(options, storage, Mixed);
            reference.Run(options.CreateKernel(), 1, 2);
            using WorkerPool pool = new(3);
            using StoredTensors parallel = new(options, storage, Mixed);
            parallel.Run(options.CreateKernel(), 1, 2, pool);
            parallel.RequireSameBytes(reference, "3 threads against one");
            parallel.RequireGuards("3 threads");
        }
    }

    public static void ResumeEqualsUninterrupted(OptimizerOptions options, StateFormat format)
    {
        int[] lengths = [700, 7];
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors whole = new(options, storage, lengths);
            whole.Run(options.CreateKernel(), 1, 7);
            using StoredTensors first = new(options, storage, lengths);
            first.Run(options.CreateKernel(), 1, 4);
            using StoredTensors second = new(options, storage, lengths);
            second.CopyFrom(first);
            second.Run(options.CreateKernel(), 5, 7);
            second.RequireSameBytes(whole, "steps 1–4, saved, loaded, 5–7, against 1–7");
        }
    }

    /// <summary>
    /// One step from the same states, so that a rule's way of making large differences of small ones is left out: the new states are the old rule's within the
    /// format's step, and the parameters are the same but for their own rounding, because a step uses states before they are encoded.
    /// </summary>
    public static void StaysNearFloat32(OptimizerOptions options, StateFormat format)
    {
        int[] lengths = [1500];
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors packed = new(options, storage, lengths);
            using StoredTensors plain = new(options, new Storage(StateFormat.Float32, ElementType.Float32, ElementType.Float32), lengths);
            packed.Run(options.CreateKernel(), 1, 3);
            plain.Run(options.CreateKernel(), 1, 3);
            float[] exact = plain.Parameter(0);
            float[] start = packed.Parameter(0);
            unsafe
            {
                // The same point, states and gradients on both sides.
                start.CopyTo(new Span<float>(plain.Slots[0].Parameter, exact.Length));
            }

            for (int state = 0; state < options.State.Count; state++)
            {
                plain.SetState(0, state, packed.State(0, state));
            }

            packed.SetGradients(4);
            plain.SetGradients(4);
            if (storage.Gradient == ElementType.Bfloat16)
            {
                CopyGradient(packed, plain, exact.Length);
            }

            packed.Update(options.CreateKernel(), options.Scalars(4));
            plain.Update(options.CreateKernel(), options.Scalars(4));
            Compare(plain.Parameter(0), packed.Parameter(0), storage.Parameter == ElementType.Bfloat16 ? 1.0 / 128 : 0, 0, 1, "parameter");
            (double relative, double absolute) = Step(format);
            for (int state = 0; state < options.State.Count; state++)
            {
                Compare(plain.State(0, state), packed.State(0, state), relative, absolute, StateCodec.Of(format).BlockElements, $"state {state} as {format}");
            }
        }
    }

    public static void NonFiniteGradientStaysVisible(OptimizerOptions options, StateFormat format)
    {
        const int length = 900, place = 300;
        StateCodec codec = StateCodec.Of(format);
        int begin = place / codec.BlockElements * codec.BlockElements, end = begin + codec.BlockElements;
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors good = new(options, storage, [length]);
            using StoredTensors poisoned = new(options, storage, [length]);
            good.Run(options.CreateKernel(), 1, 1);
            poisoned.SetGradients(1);
            poisoned.SetGradient(0, place, float.NaN);
            poisoned.Update(options.CreateKernel(), options.Scalars(1) with { WeightDecay = 0.05, GradientScale = 0.5 });
            float[] sound = good.Parameter(0), sick = poisoned.Parameter(0);
            Require(!float.IsFinite(sick[place]), $"{storage}: a NaN in the gradient is not seen in the parameter, which is {sick[place]:R}.");
            Require(sick.AsSpan(0, place).SequenceEqual(sound.AsSpan(0, place)), $"{storage}: a NaN in the gradient changes parameters before its element.");
            for (int state = 0; state < options.State.Count; state++)
            {
                float[] values = poisoned.State(0, state), expected = good.State(0, state);
                if (values.All(float.IsFinite))
                {
                    continue; // a rule may keep a state that a NaN doesn't enter
                }

                Require(values[begin..Math.Min(end, length)].All(float.IsNaN), $"{storage}: the block of state {state} that a NaN is in is not NaN as a whole.");
                Require(
                    values.AsSpan(0, begin).SequenceEqual(expected.AsSpan(0, begin)) && values.AsSpan(end).SequenceEqual(expected.AsSpan(end)),
                    $"{storage}: a NaN in one block of state {state} changes another.");
            }
        }
    }

    public static void AllocatesNothingAfterWarmUp(OptimizerOptions options, StateFormat format)
    {
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors tensors = new(options, storage, [5000, 3]);
            UpdateKernel kernel = options.CreateKernel();
            tensors.SetGradients(1);
            tensors.Update(kernel, options.Scalars(1));
            tensors.Update(kernel, options.Scalars(2));

            // Code that the runtime has not optimised yet may box what optimised code keeps in registers: what a step really allocates, every window of steps does.
            long allocated = long.MaxValue;
            for (long window = 0; window < 40 && allocated != 0; window++)
            {
                Thread.Sleep(window > 0 ? 10 : 0);
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (long step = 3; step < 8; step++)
                {
                    tensors.Update(kernel, options.Scalars((5 * window) + step));
                }

                allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            }

            Require(allocated == 0, $"{storage}: five steps after warm-up allocated {allocated} bytes; none are allowed.");
        }
    }

    public static ulong Digest(OptimizerOptions options, StateFormat format)
    {
        ulong digest = 14695981039346656037;
        foreach (Storage storage in Storages(format))
        {
            using StoredTensors tensors = new(options, storage, Lengths);
            tensors.Run(Kernel(options, LaneWidth.Widest), 1, Steps);
            digest = tensors.Digest(digest);
        }

        return digest;
    }

    /// <summary>Float parameters where the states are encoded, and bfloat16 ones with gradients of either type.</summary>
    private static IEnumerable<Storage> Storages(StateFormat format)
    {
        if (format != StateFormat.Float32)
        {
            yield return new Storage(format);
        }

        yield return new Storage(format, ElementType.Bfloat16);
        yield return new Storage(format, ElementType.Bfloat16, ElementType.Bfloat16);
    }

    /// <summary>The distance of neighbouring codes: as a part of the value, and near zero as a part of the block's largest.</summary>
    private static (double Relative, double Absolute) Step(StateFormat format) => format switch
    {
        StateFormat.Float32 => (0, 0),
        StateFormat.Bfloat16 => (1.0 / 128, 1e-30),
        StateFormat.Int8 => (1.0 / 8, 1.0 / (1 << 17)),
        StateFormat.Int4 => (1, 1.0 / 127),
        _ => (1, 1e-6), // within a decade the parts are equal, so a decade's lowest is the worst: half of 0.45 to 0.1
    };

    private static void Compare(float[] exact, float[] stored, double relative, double absolute, int block, string what)
    {
        for (int first = 0; first < exact.Length; first += block)
        {
            double largest = exact.Skip(first).Take(block).Max(Math.Abs);
            for (int index = first; index < Math.Min(first + block, exact.Length); index++)
            {
                double error = Math.Abs(stored[index] - exact[index]);
                double allowed = 1.0001 * ((relative * Math.Abs(exact[index])) + (absolute * largest)) + 1e-36;
                Require(error <= allowed, $"{what}, element {index}: {stored[index]:R} instead of {exact[index]:R}; {error:E2} apart, allowed {allowed:E2}.");
            }
        }
    }

    private static unsafe void CopyGradient(StoredTensors from, StoredTensors to, int length)
    {
        for (int index = 0; index < length; index++)
        {
            ((float*)to.Slots[0].Gradient)[index] = BitConverter.UInt32BitsToSingle((uint)((ushort*)from.Slots[0].Gradient)[index] << 16);
        }
    }

    private static UpdateKernel Kernel(OptimizerOptions options, LaneWidth width)
    {
        UpdateKernel kernel = options.CreateKernel();
        kernel.Width = width;
        return kernel;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ContractException(message);
        }
    }
}
