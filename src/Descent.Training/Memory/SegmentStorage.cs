using Descent.Torch;
using Descent.Training.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>
/// What the segments of a model have in scratch files: asked for while the neighbour computes, and given back when a segment is through. Tensors in memory are left alone.
/// </summary>
internal sealed class SegmentStorage
{
    private readonly Parameter[][] _parameters;
    private readonly string[][] _owned;
    private readonly FusedOptimizer? _optimizer;

    /// <param name="model">The model.</param>
    /// <param name="optimizer">Whose states go with their parameters. Null: parameters alone.</param>
    public SegmentStorage(Model model, FusedOptimizer? optimizer = null)
    {
        _optimizer = optimizer;
        _parameters = [.. model.Segments.Select(static segment => segment.parameters().ToArray())];
        ILookup<int, string> names = SegmentOwners.Of(model).ToLookup(static entry => entry.Segment, static entry => entry.Name);
        _owned = [.. Enumerable.Range(0, model.Segments.Count).Select(segment => names[segment].ToArray())];
    }

    /// <summary>Asks for what forward needs; beyond the ends of the chain there is nothing.</summary>
    public void PrefetchParameters(int segment) => Each(_parameters, segment, static parameter => MappedArena.Prefetch(parameter));

    /// <summary>Asks for what backward and update need.</summary>
    public void Prefetch(int segment)
    {
        PrefetchParameters(segment);
        EachState(segment, static state => MappedArena.Prefetch(state));
    }

    /// <summary>Gives parameters back that nobody wrote to.</summary>
    public void ReleaseParameters(int segment) => Each(_parameters, segment, static parameter => MappedArena.Release(parameter, modified: false));

    /// <summary>Gives updated parameters and their states back.</summary>
    public void Release(int segment)
    {
        Each(_parameters, segment, static parameter => MappedArena.Release(parameter));
        EachState(segment, static state => MappedArena.Release(state));
    }

    private void EachState(int segment, Action<Tensor> act)
    {
        if (_optimizer is { } optimizer)
        {
            Each(_owned, segment, name =>
            {
                foreach (Tensor state in optimizer.StateTensors(name))
                {
                    act(state);
                }
            });
        }
    }

    private static void Each<T>(T[][] segments, int segment, Action<T> act)
    {
        if (segment >= 0 && segment < segments.Length)
        {
            Array.ForEach(segments[segment], act);
        }
    }
}
