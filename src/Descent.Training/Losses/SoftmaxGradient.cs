using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>Turns a block of logits into their gradient, in place, and gives the rows' losses.</summary>
internal sealed class SoftmaxGradient : IDisposable
{
    // Rows are taken in blocks that stay in the last-level cache between the passes over them.
    private const long BlockBytes = 2L << 20;

    private readonly long _ignoreIndex;
    private readonly double _smoothing;
    private readonly double _zLoss;
    private readonly Scalar _zero = 0L.ToScalar();
    private readonly Scalar _one = 1f.ToScalar();
    private readonly Scalar _sharpness;
    private readonly Scalar _smoothingScalar;
    private readonly Scalar _zLossScalar;
    private readonly Scalar _twiceZLoss;
    private readonly Scalar _ignored;

    public SoftmaxGradient(double smoothing, long ignoreIndex, double zLoss)
    {
        _ignoreIndex = ignoreIndex;
        _smoothing = smoothing;
        _zLoss = zLoss;
        _sharpness = (1 - smoothing).ToScalar();
        _smoothingScalar = smoothing.ToScalar();
        _zLossScalar = zLoss.ToScalar();
        _twiceZLoss = (2 * zLoss).ToScalar();
        _ignored = ignoreIndex.ToScalar();
    }

    /// <summary>Sum of the rows' losses; afterwards <paramref name="logits_NC"/> holds the gradient, where it is wanted.</summary>
    public Tensor Reduce(Tensor logits_NC, Tensor targets_N, bool gradientWanted)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = logits_NC.shape[0];
        long rowBytes = Math.Max(1, logits_NC.shape[1] * logits_NC.element_size());
        long block = logits_NC.device_type == DeviceType.CPU ? Math.Max(1, BlockBytes / rowBytes) : rows;
        Tensor sum = zeros(1, logits_NC.dtype, logits_NC.device);
        for (long start = 0; start < rows; start += block)
        {
            using DisposeScope blockScope = NewDisposeScope();
            long length = Math.Min(block, rows - start);
            sum.add_(ReduceBlock(logits_NC.narrow(0, start, length), targets_N.narrow(0, start, length), gradientWanted), _one);
        }

        return sum.squeeze(0).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (Scalar scalar in (ReadOnlySpan<Scalar>)[_zero, _one, _sharpness, _smoothingScalar, _zLossScalar, _twiceZLoss, _ignored])
        {
            scalar.Dispose();
        }
    }

    private Tensor ReduceBlock(Tensor z_NC, Tensor targets_N, bool gradientWanted)
    {
        long classes = z_NC.shape[1];
        Tensor targets_N1 = targets_N.unsqueeze(1);
        Tensor counted_N1 = targets_N1.ne(_ignored).to_type(z_NC.dtype);
        if (_ignoreIndex < 0 || _ignoreIndex >= classes)
        {
            targets_N1 = targets_N1.clamp(_zero);
        }

        // z − max, so that no exponential overflows; lse = max + log Σ exp(z − max).
        Tensor max_N1 = z_NC.amax([1], keepdim: true);
        z_NC.sub_(max_N1);
        Tensor target_N1 = z_NC.gather(1, targets_N1);
        Tensor? mean_N1 = _smoothing > 0 ? z_NC.mean([1], keepdim: true) : null;
        z_NC.exp_();
        Tensor total_N1 = z_NC.sum(1, keepdim: true);
        Tensor logTotal_N1 = total_N1.log();
        Tensor? logSumExp_N1 = _zLoss > 0 ? logTotal_N1.add(max_N1, _one) : null;

        Tensor loss_N1 = logTotal_N1.sub(target_N1);
        if (mean_N1 is not null)
        {
            loss_N1 = loss_N1.mul_(_sharpness).add_(logTotal_N1.sub(mean_N1), _smoothingScalar);
        }

        if (logSumExp_N1 is not null)
        {
            loss_N1 = loss_N1.add_(logSumExp_N1.mul(logSumExp_N1), _zLossScalar);
        }

        if (gradientWanted)
        {
            Tensor factor_N1 = counted_N1.div(total_N1);
            if (logSumExp_N1 is not null)
            {
                factor_N1.mul_(logSumExp_N1.mul(_twiceZLoss).add_(_one, _one));
            }

            z_NC.mul_(factor_N1);
            if (_smoothing > 0)
            {
                using var spread = (-_smoothing / classes).ToScalar();
                z_NC.add_(counted_N1, spread);
            }

            z_NC.scatter_add_(1, targets_N1, counted_N1.mul(_sharpness).neg_());
        }

        return loss_N1.mul_(counted_N1).sum();
    }
}
