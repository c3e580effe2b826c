using Descent.Training.Data;
using Descent.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training;

/// <summary>Sums losses and counts over several batches, in double.</summary>
internal sealed class WindowSum
{
    private static readonly Dictionary<string, double> NoTerms = [];

    private readonly SortedDictionary<string, (double Sum, long Count)> _terms = new(StringComparer.Ordinal);
    private double _sum;

    public long Targets { get; private set; }

    public long Samples { get; private set; }

    public long Tokens { get; private set; }

    /// <summary>UTF-8 bytes the targets stand for; 0 for anything but text.</summary>
    public long TargetBytes { get; private set; }

    public double Sum => _sum;

    /// <summary>Mean over the counted targets. No target counted is no loss.</summary>
    public double Loss => Targets > 0 ? _sum / Targets : 0;

    public void Add(LossValue value, Batch batch)
    {
        _sum += Read(value.Sum);
        Targets += value.Count;
        Samples += batch.Samples;
        Tokens += batch.Tokens;
        TargetBytes += batch.TargetBytes;

        // A single term is the loss itself.
        if (value.Terms.Count > 1)
        {
            foreach (LossTerm term in value.Terms)
            {
                (double sum, long count) = _terms.GetValueOrDefault(term.Name);
                _terms[term.Name] = (sum + (term.Weight * Read(term.Sum)), count + term.Count);
            }
        }
    }

    public IReadOnlyDictionary<string, double> Terms()
        => _terms.Count == 0 ? NoTerms : _terms.ToDictionary(term => term.Key, term => term.Value.Count > 0 ? term.Value.Sum / term.Value.Count : 0);

    public void Clear()
    {
        _terms.Clear();
        (_sum, Targets, Samples, Tokens, TargetBytes) = (0, 0, 0, 0, 0);
    }

    private static double Read(Tensor scalar)
    {
        using DisposeScope scope = NewDisposeScope();
        return scalar.detach().to(ScalarType.Float64).item<double>();
    }
}
