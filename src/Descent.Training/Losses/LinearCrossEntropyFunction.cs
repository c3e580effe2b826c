using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Losses;

/// <summary>The autograd node of <see cref="LinearCrossEntropy"/>.</summary>
internal sealed class LinearCrossEntropyFunction : DirectFunction<LinearCrossEntropyFunction>
{
    protected override int Arguments => 4;

    public static Tensor Apply(Tensor features, Tensor weight, Tensor targets, Settings settings)
    {
        bool widens = weight.dtype == ScalarType.BFloat16 && features.dtype == ScalarType.Float32;
        if ((features.dtype != weight.dtype && !widens) || features.dtype is not (ScalarType.Float32 or ScalarType.Float64))
        {
            throw new ArgumentException(
                $"Features are {features.dtype} and the weight is {weight.dtype}; both must be float32 or both float64, but that the weight may be bfloat16 beside float32. Widen the features first.",
                nameof(features));
        }

        if (Records(features, weight))
        {
            return apply(features, weight, targets, settings);
        }

        using IDisposable noGrad = no_grad();
        return Run(features, weight, targets, settings, record: false).Loss;
    }

    protected override (Tensor Output, IDisposable State) Forward(object[] arguments)
    {
        var (loss, state) = Run((Tensor)arguments[0], (Tensor)arguments[1], (Tensor)arguments[2], (Settings)arguments[3], record: true);
        return (loss, state!);
    }

    protected override void Backward(IDisposable state, Tensor gradient, Tensor?[] gradients)
    {
        var saved = (State)state;
        Tensor weight = saved.Weight;
        float scale = gradient.to_type(ScalarType.Float32).item<float>();
        if (saved.Logits_NC is { } dz_NC)
        {
            if (saved.FeaturesWanted)
            {
                Tensor dx_ND = empty_like(saved.Features_ND!);
                using WideRoom wide = StoredWeight.Widen(weight);
                Tensor wide_CD = wide.Tensor;
                gradients[0] = dx_ND.addmm_(dz_NC, wide_CD, beta: 0f, alpha: scale).view(saved.Shape);
            }

            gradients[1] = GradientSink.AddProduct(weight, dz_NC.t(), saved.Features_ND!, scale);
            return;
        }

        if (saved.FeatureGradient_ND is { } dx)
        {
            gradients[0] = dx.mul_(gradient).view(saved.Shape);
        }

        if (saved.WeightGradient is { } dw)
        {
            gradients[1] = GradientSink.Add(weight, dw.mul_(gradient));
        }
    }

    private static (Tensor Loss, State? State) Run(Tensor features, Tensor weight, Tensor targets, Settings settings, bool record)
    {
        using DisposeScope scope = NewDisposeScope();
        using var softmax = new SoftmaxGradient(settings.Smoothing, settings.IgnoreIndex, settings.ZLoss);
        long classes = weight.shape[0];
        Tensor x_ND = features.detach().reshape(-1, features.shape[^1]);
        using WideRoom wide = StoredWeight.Widen(weight);
        Tensor w_CD = wide.Tensor;
        Tensor targets_N = targets.reshape(-1);
        long rows = x_ND.shape[0];
        long chunk = Math.Max(1, settings.ChunkBytes / (classes * x_ND.element_size()));
        bool whole = rows <= chunk;
        var state = record ? new State(weight, features.shape, features.requires_grad) : null;
        if (state is not null && !whole)
        {
            state.FeatureGradient_ND = features.requires_grad ? empty_like(x_ND) : null;
            state.WeightGradient = weight.requires_grad ? zeros_like(w_CD) : null;
        }

        Tensor sum = zeros(1, x_ND.dtype, x_ND.device);
        for (long start = 0; start < rows; start += chunk)
        {
            using DisposeScope chunkScope = NewDisposeScope();
            long length = Math.Min(chunk, rows - start);
            Tensor chunk_ND = x_ND.narrow(0, start, length);
            Tensor z_NC = chunk_ND.mm(w_CD.t());
            sum.add_(softmax.Reduce(z_NC, targets_N.narrow(0, start, length), record), GradientSink.One);
            if (state is null)
            {
                continue;
            }

            if (whole)
            {
                state.Logits_NC = z_NC.DetachFromDisposeScope();
                state.Features_ND = x_ND.alias().DetachFromDisposeScope();
                continue;
            }

            state.FeatureGradient_ND?.narrow(0, start, length).addmm_(z_NC, w_CD, beta: 0f);
            state.WeightGradient?.addmm_(z_NC.t(), chunk_ND);
        }

        state?.LeaveScope();
        return (sum.squeeze(0).MoveToOuterDisposeScope(), state);
    }

    /// <summary>What doesn't change between chunks.</summary>
    internal sealed record Settings(double Smoothing, long IgnoreIndex, double ZLoss, long ChunkBytes);

    private sealed class State(Tensor weight, long[] shape, bool featuresWanted) : IDisposable
    {
        public Tensor Weight => weight;

        public long[] Shape => shape;

        public bool FeaturesWanted => featuresWanted;

        public Tensor? Features_ND { get; set; }

        public Tensor? Logits_NC { get; set; }

        public Tensor? FeatureGradient_ND { get; set; }

        public Tensor? WeightGradient { get; set; }

        public void LeaveScope()
        {
            FeatureGradient_ND?.DetachFromDisposeScope();
            WeightGradient?.DetachFromDisposeScope();
        }

        public void Dispose()
        {
            Features_ND?.Dispose();
            Logits_NC?.Dispose();
            FeatureGradient_ND?.Dispose();
            WeightGradient?.Dispose();
        }
    }
}
