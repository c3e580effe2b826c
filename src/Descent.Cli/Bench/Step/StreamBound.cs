using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>
/// What memory allows: a plain parallel loop that moves the same streams as a rule with k states — reads parameter, gradient and
/// states, writes parameter and states — with one addition each. It shares no code with the optimizers' traversal.
/// </summary>
internal sealed unsafe class StreamBound(StepBuffers buffers, int states) : IParallelBody
{
    private const long Chunk = 64 * 1024;

    public void Run(IParallelRunner runner) => runner.Run((int)((buffers.Length + Chunk - 1) / Chunk), this);

    void IParallelBody.Execute(int item)
    {
        long begin = item * Chunk;
        long end = Math.Min(buffers.Length, begin + Chunk);
        float* p = buffers.Stream(0);
        float* g = buffers.Stream(1);
        switch (states)
        {
            case 0: Move0(p, g, (nint)begin, (nint)end); break;
            case 1: Move1(p, g, buffers.Stream(2), (nint)begin, (nint)end); break;
            case 2: Move2(p, g, buffers.Stream(2), buffers.Stream(3), (nint)begin, (nint)end); break;
            case 3: Move3(p, g, buffers.Stream(2), buffers.Stream(3), buffers.Stream(4), (nint)begin, (nint)end); break;
            default: Move4(p, g, buffers.Stream(2), buffers.Stream(3), buffers.Stream(4), buffers.Stream(5), (nint)begin, (nint)end); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move0(float* p, float* g, nint begin, nint end)
    {
        for (nint i = begin; i < end; i += 16)
        {
            Add(p, Vector512.Load(g + i), i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move1(float* p, float* g, float* a, nint begin, nint end)
    {
        for (nint i = begin; i < end; i += 16)
        {
            Vector512<float> gradient = Vector512.Load(g + i);
            Add(p, gradient, i);
            Add(a, gradient, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move2(float* p, float* g, float* a, float* b, nint begin, nint end)
    {
        for (nint i = begin; i < end; i += 16)
        {
            Vector512<float> gradient = Vector512.Load(g + i);
            Add(p, gradient, i);
            Add(a, gradient, i);
            Add(b, gradient, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move3(float* p, float* g, float* a, float* b, float* c, nint begin, nint end)
    {
        for (nint i = begin; i < end; i += 16)
        {
            Vector512<float> gradient = Vector512.Load(g + i);
            Add(p, gradient, i);
            Add(a, gradient, i);
            Add(b, gradient, i);
            Add(c, gradient, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Move4(float* p, float* g, float* a, float* b, float* c, float* d, nint begin, nint end)
    {
        for (nint i = begin; i < end; i += 16)
        {
            Vector512<float> gradient = Vector512.Load(g + i);
            Add(p, gradient, i);
            Add(a, gradient, i);
            Add(b, gradient, i);
            Add(c, gradient, i);
            Add(d, gradient, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(float* stream, Vector512<float> gradient, nint i) => (Vector512.Load(stream + i) + gradient).Store(stream + i);
}
