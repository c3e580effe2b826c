using Descent.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>
/// Measures of quality, summed up over batches: <c>accuracy</c> for classes and tokens; <c>mean_absolute_error</c> and <c>r2</c> for numbers.
/// </summary>
public sealed class Metrics
{
    private readonly TaskKind _task;
    private readonly long _ignoreIndex;
    private long _count;
    private long _correct;
    private double _absoluteError;
    private double[] _squaredError = [];
    private double[] _mean = [];
    private double[] _spread = [];

    /// <summary>Starts from nothing.</summary>
    /// <param name="task">What is learned: decides the measures.</param>
    /// <param name="ignoreIndex">Class numbers that aren't counted.</param>
    public Metrics(TaskKind task, long ignoreIndex = -100)
    {
        _task = task;
        _ignoreIndex = ignoreIndex;
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="outputs">Logits [batch…, classes] or predictions [batch, columns].</param>
    /// <param name="targets">Class numbers [batch…] or values [batch, columns].</param>
    public void Add(Tensor outputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(targets);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        if (_task == TaskKind.Regression)
        {
            AddNumbers(outputs, targets);
        }
        else
        {
            using var ignored = _ignoreIndex.ToScalar();
            Tensor counted = targets.ne(ignored);
            _correct += outputs.argmax(-1).eq(targets).logical_and(counted).sum().item<long>();
            _count += counted.sum().item<long>();
        }
    }

    /// <summary>The measures so far; empty before the first counted target.</summary>
    /// <returns>
    /// <c>accuracy</c> in [0, 1]; or <c>mean_absolute_error</c> in the targets' unit and <c>r2</c> = 1 − Σ(t − y)²/Σ(t − t̄)², the mean over columns,
    /// left out where a column is constant.
    /// </returns>
    public IReadOnlyDictionary<string, double> Result()
    {
        var result = new Dictionary<string, double>();
        if (_count == 0)
        {
            return result;
        }

        if (_task != TaskKind.Regression)
        {
            result["accuracy"] = (double)_correct / _count;
            return result;
        }

        result["mean_absolute_error"] = _absoluteError / (_count * _mean.Length);
        if (_spread.All(spread => spread > 0))
        {
            result["r2"] = Enumerable.Range(0, _mean.Length).Average(i => 1 - (_squaredError[i] / _spread[i]));
        }

        return result;
    }

    private void AddNumbers(Tensor outputs, Tensor targets)
    {
        long columns = targets.dim() > 1 ? targets.shape[^1] : 1;
        Tensor t_NC = targets.reshape(-1, columns).to(ScalarType.Float64);
        Tensor error_NC = outputs.reshape(-1, columns).to(ScalarType.Float64).sub(t_NC);
        long added = t_NC.shape[0];
        if (added == 0)
        {
            return;
        }

        if (_mean.Length == 0)
        {
            (_squaredError, _mean, _spread) = (new double[columns], new double[columns], new double[columns]);
        }

        _absoluteError += error_NC.abs().sum().item<double>();
        Tensor mean_C = t_NC.mean([0]);
        double[] squared = Read(error_NC.square().sum([0]));
        double[] means = Read(mean_C);
        double[] spreads = Read(t_NC.sub(mean_C).square().sum([0]));

        // Two sets' spreads around their own means join exactly (Chan et al. 1979): no difference of large sums.
        double share = (double)added / (_count + added);
        for (int i = 0; i < columns; i++)
        {
            double shift = means[i] - _mean[i];
            _squaredError[i] += squared[i];
            _spread[i] += spreads[i] + (shift * shift * _count * share);
            _mean[i] += shift * share;
        }

        _count += added;
    }

    private static double[] Read(Tensor values) => values.cpu().data<double>().ToArray();
}
