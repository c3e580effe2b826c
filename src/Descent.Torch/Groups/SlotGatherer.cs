using System.Runtime.Intrinsics.X86;
using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>
/// Finds where the parameters of a group, their gradients and their states lie, for the kernels of the CPU. Anybody may put other gradients in place between
/// steps, so they are asked anew in each; on all threads where they are many, for asking takes longer than updating a small tensor. What only this optimizer changes is kept.
/// </summary>
/// <param name="parameters">The group's parameters.</param>
/// <param name="bfloat16">Whether the kernels serve parameters of bfloat16.</param>
internal sealed unsafe class SlotGatherer(ParameterState[] parameters, bool bfloat16) : IParallelBody
{
    /// <summary>Parameters that one thread takes at a time: some ten microseconds.</summary>
    private const int Share = 64;

    /// <summary>With fewer, waking a thread takes as long as it saves.</summary>
    private const int FewestForThreads = 4 * Share;

    /// <summary>How many parameters ahead memory is asked for: half a microsecond.</summary>
    private const int Ahead = 6;

    private readonly TensorSlot[] _slots = new TensorSlot[parameters.Length];
    private readonly Gathered[] _found = new Gathered[parameters.Length];
    private readonly Lines[] _lines = new Lines[parameters.Length];
    private readonly int[] _versions = new int[parameters.Length]; // of the states that a slot was made for; 0 before the first
    private readonly long[] _mostSteps = new long[(parameters.Length + Share - 1) / Share];
    private IReadOnlyList<StateTensor> _states = [];
    private bool _leave;

    /// <summary>Where each parameter is that was found.</summary>
    public TensorSlot[] Slots => _slots;

    /// <summary>What was found of each parameter.</summary>
    public ReadOnlySpan<Gathered> Found => _found;

    /// <summary>
    /// Looks all parameters up and counts a step for those that kernels can update where they lie. Parameters whose states have yet to be made, and whatever needs a
    /// copy or another device, are left to the caller.
    /// </summary>
    /// <param name="states">The states that the rule keeps.</param>
    /// <param name="threads">The threads.</param>
    /// <param name="leave">Leave every parameter to the caller: other kernels serve the processor's memory and are asked first.</param>
    /// <returns>The most steps that a parameter had before.</returns>
    /// <exception cref="InvalidOperationException">Someone disposed a parameter or a state.</exception>
    public long Gather(IReadOnlyList<StateTensor> states, IParallelRunner threads, bool leave = false)
    {
        (_states, _leave) = (states, leave);
        (parameters.Length < FewestForThreads ? SingleThread.Instance : threads).Run(_mostSteps.Length, this);
        long most = 0;
        foreach (long steps in _mostSteps)
        {
            most = Math.Max(most, steps);
        }

        return most;
    }

    /// <summary>Whether one kernel call can take all <see cref="Slots"/> as they are.</summary>
    public bool IsUniform(out Gathered common)
    {
        common = _found.Length > 0 ? _found[0] : default;
        return _found.Length > 0 && common.Way == GatherWay.InPlace && !_found.AsSpan().ContainsAnyExcept(common);
    }

    /// <summary>Fills a parameter's slot in, with a gradient that may be a copy; false where kernels can't take it so.</summary>
    public bool TryRead(int index, nint gradient, out sbyte type)
    {
        ParameterState parameter = parameters[index];
        type = 0;
        if (!TensorExports.TryReadStored(gradient, out FlatTensor g)
            || !parameter.TryReadStored(out FlatTensor p)
            || g.Type != p.Type || g.Length != p.Length
            || (p.Type == TensorExports.Bfloat16 && !bfloat16))
        {
            return false;
        }

        type = p.Type;
        ref TensorSlot slot = ref _slots[index];
        if (_versions[index] != parameter.Version)
        {
            if (!parameter.TryDescribe(out slot))
            {
                return false;
            }

            _versions[index] = parameter.Version;
        }

        parameter.RequireStates();
        if (slot.Parameter != p.Data || slot.Gradient != g.Data || slot.GradientScale != parameter.GradientFactor)
        {
            slot = slot with { Parameter = p.Data, Gradient = g.Data, GradientScale = parameter.GradientFactor };
        }

        return true;
    }

    void IParallelBody.Execute(int item)
    {
        long most = 0;
        for (int index = item * Share; index < Math.Min((item + 1) * Share, parameters.Length); index++)
        {
            if (Sse.IsSupported && index + Ahead < parameters.Length)
            {
                _lines[index + Ahead].Prefetch();
            }

            most = Math.Max(most, parameters[index].Step);
            _found[index] = Find(index);
        }

        _mostSteps[item] = most;
    }

    private Gathered Find(int index)
    {
        ParameterState parameter = parameters[index];
        nint gradient = parameter.Held ? 0 : TensorExports.Gradient(parameter.Parameter.Handle);
        if (gradient == 0)
        {
            return default;
        }

        _lines[index] = new Lines(parameter.Parameter.Handle, gradient);

        // The parameter goes on holding the gradient during the step.
        sbyte type = 0;
        bool served = !_leave && parameter.Keeps(_states) && TryRead(index, gradient, out type);
        TensorExports.Release(gradient);
        if (!served)
        {
            return new Gathered(GatherWay.Left, 0, 0);
        }

        parameter.Path = UpdatePath.Kernel;
        return new Gathered(GatherWay.InPlace, type, ++parameter.Step);
    }
}

/// <summary>
/// Where libtorch's objects of a parameter and its gradient were in the last step: what to fetch into the cache before it is asked. They lie scattered over the memory, so
/// that a step over thousands of small tensors is as long as it waits for them. Nothing is read through these addresses.
/// </summary>
internal readonly unsafe struct Lines(nint parameter, nint gradient)
{
    private const int Bytes = 64;

    private readonly byte* _handle = (byte*)parameter;
    private readonly byte* _parameter = *(byte**)parameter; // the implementation that a handle points to
    private readonly byte* _gradient = *(byte**)gradient;

    public void Prefetch()
    {
        Sse.Prefetch0(_handle);
        Prefetch(_parameter);
        Prefetch(_gradient);
    }

    // An implementation is some 200 bytes long.
    private static void Prefetch(byte* start)
    {
        Sse.Prefetch0(start);
        Sse.Prefetch0(start + Bytes);
        Sse.Prefetch0(start + (2 * Bytes));
    }
}

/// <summary>How a parameter can be reached.</summary>
internal enum GatherWay : byte
{
    /// <summary>It has no gradient.</summary>
    NoGradient,

    /// <summary>By a kernel, where it lies.</summary>
    InPlace,

    /// <summary>In some other way.</summary>
    Left,
}

/// <summary>What was found of a parameter.</summary>
/// <param name="Way">How it can be reached.</param>
/// <param name="Type">Its element type's number.</param>
/// <param name="Step">The number of its step.</param>
internal readonly record struct Gathered(GatherWay Way, sbyte Type, long Step);
