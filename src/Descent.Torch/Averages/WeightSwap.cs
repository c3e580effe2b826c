using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Other weights in a model's place, until this is disposed: then the parameters are what they were, bit for bit.</summary>
public sealed class WeightSwap : IDisposable
{
    private readonly List<Entry> _entries;
    private Action? _end;

    internal WeightSwap(IEnumerable<Entry> entries, Action? end = null) => (_entries, _end) = ([.. entries], end ?? (static () => { }));

    /// <summary>What will come back, by name; the live tensors, to save, not to dispose. Parameters that the swap leaves alone are not among them.</summary>
    public IReadOnlyDictionary<string, Tensor> Training => _entries.ToDictionary(static entry => entry.Name, static entry => entry.Held, StringComparer.Ordinal);

    /// <summary>Leaves the other weights where they are, for good: the end of training.</summary>
    public void Keep()
    {
        foreach (Entry entry in _end is null ? [] : _entries)
        {
            entry.Release();
        }

        _end = null;
    }

    /// <summary>Puts the parameters back.</summary>
    public void Dispose()
    {
        if (_end is not { } end)
        {
            return;
        }

        _end = null;
        using IDisposable noGrad = no_grad();
        foreach (Entry entry in _entries)
        {
            entry.Undo();
            entry.Release();
        }

        end();
    }

    /// <summary>Exchanges a parameter's elements with another tensor's. Of the same type, neither needs more room than one tensor's copy for a moment.</summary>
    internal static Entry Exchange(string name, Parameter parameter, Tensor other)
    {
        using Tensor before = parameter.detach().clone();
        parameter.copy_(other);
        if (other.dtype != parameter.dtype)
        {
            return new Entry(name, parameter, before.alias().DetachFromDisposeScope(), null);
        }

        other.copy_(before);
        return new Entry(name, parameter, other, other);
    }

    /// <summary>Keeps a copy of a parameter, which the caller then overwrites.</summary>
    internal static Entry Copy(string name, Parameter parameter) => new(name, parameter, parameter.detach().clone().DetachFromDisposeScope(), null);

    /// <param name="Name">The parameter's name.</param>
    /// <param name="Parameter">The parameter.</param>
    /// <param name="Held">Its elements as they were.</param>
    /// <param name="Partner">The tensor that takes the parameter's present elements back; null where they can be dropped.</param>
    internal readonly record struct Entry(string Name, Parameter Parameter, Tensor Held, Tensor? Partner)
    {
        public void Undo()
        {
            if (Partner is null)
            {
                Parameter.copy_(Held);
                return;
            }

            using Tensor present = Parameter.detach().clone();
            Parameter.copy_(Held);
            Partner.copy_(present);
        }

        public void Release()
        {
            if (Partner is null)
            {
                Held.Dispose();
            }
        }
    }
}
