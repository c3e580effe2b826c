using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Neighbours of a <c>Sequential</c> as one segment. Children without parameters belong to the one before: an activation that works in place needs the graph of what it
/// overwrites, and a segment's input should be worth keeping.
/// </summary>
internal sealed class SegmentChain : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor>[] _links;

    private SegmentChain(IReadOnlyList<nn.Module<Tensor, Tensor>> links)
        : base(string.Join(" · ", links.Select(static link => link.GetName())))
    {
        _links = [.. links];
        for (int i = 0; i < _links.Length; i++)
        {
            register_module($"{i}", _links[i]);
        }
    }

    /// <summary>The segments of a chain.</summary>
    public static IReadOnlyList<nn.Module<Tensor, Tensor>> Of(Sequential chain)
    {
        var groups = new List<List<nn.Module<Tensor, Tensor>>>();
        bool bare = true;
        foreach (nn.Module<Tensor, Tensor> child in chain.children().Cast<nn.Module<Tensor, Tensor>>())
        {
            bool owns = child.parameters().Any();
            if (groups.Count == 0 || (owns && !bare))
            {
                groups.Add([]);
                bare = true;
            }

            groups[^1].Add(child);
            bare &= !owns;
        }

        return [.. groups.Select(static group => group.Count == 1 ? group[0] : new SegmentChain(group))];
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input;
        foreach (nn.Module<Tensor, Tensor> link in _links)
        {
            x = link.call(x);
        }

        return x.MoveToOuterDisposeScope();
    }
}
