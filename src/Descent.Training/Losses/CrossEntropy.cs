using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Cross entropy over the last dimension; fused with the head of a language model where it has one.</summary>
public sealed class CrossEntropy : Loss
{
    private readonly CrossEntropyOptions _options;

    /// <summary>Creates the loss.</summary>
    /// <param name="options">Its settings.</param>
    public CrossEntropy(CrossEntropyOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <inheritdoc/>
    public override string Name => _options.Name ?? _options.Kind;

    /// <summary>Computes the loss from logits.</summary>
    /// <param name="outputs">Logits, [batch…, classes].</param>
    /// <param name="targets">Class numbers, int64 [batch…].</param>
    /// <returns>The sum over counted targets.</returns>
    /// <exception cref="BadInputException">A class number outside of [0, classes) that isn't ignored, or shapes that don't match.</exception>
    public override LossValue Compute(Tensor outputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(targets);
        using DisposeScope scope = NewDisposeScope();
        long classes = outputs.shape[^1];
        long count = Targets.CountClasses(targets, outputs.shape[..^1], classes, _options.IgnoreIndex);
        Tensor logits_NC = outputs.reshape(-1, classes);
        Tensor targets_N = targets.reshape(-1);
        Tensor sum = nn.functional.cross_entropy(
            logits_NC,
            targets_N,
            ignore_index: _options.IgnoreIndex,
            reduction: nn.Reduction.Sum,
            label_smoothing: _options.LabelSmoothing);
        if (_options.ZLoss > 0)
        {
            using var factor = _options.ZLoss.ToScalar();
            Tensor counted_N = targets_N.ne(_options.IgnoreIndex);
            Tensor logSumExp_N = logits_NC.logsumexp(-1);
            sum = sum.add(logSumExp_N.mul(logSumExp_N).mul(counted_N).sum(), factor);
        }

        return Value(sum, count);
    }

    /// <inheritdoc/>
    public override LossValue ComputeFromBody(Model model, Tensor body, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(targets);
        if (model.Head is not { } head)
        {
            return base.ComputeFromBody(model, body, targets);
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor features_BTD = head.Features(body);
        long count = Targets.CountClasses(targets, features_BTD.shape[..^1], head.Weight.shape[0], _options.IgnoreIndex);
        Tensor sum = LinearCrossEntropy.Sum(
            features_BTD,
            head.Weight,
            targets,
            _options.LabelSmoothing,
            _options.IgnoreIndex,
            _options.ZLoss);
        return Value(sum, count);
    }

    private LossValue Value(Tensor sum, long count)
    {
        sum.MoveToOuterDisposeScope();
        return new LossValue(sum, count, [new LossTerm(Name, 1, sum.detach().MoveToOuterDisposeScope(), count)]);
    }
}
