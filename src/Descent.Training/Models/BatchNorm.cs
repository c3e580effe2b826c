using Descent.Torch;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Batch normalisation over all dimensions but the second (Ioffe and Szegedy 2015, arXiv 1502.03167): the batch's statistics in training, their
/// running means (momentum 0.1, as PyTorch's) in evaluation.
/// </summary>
internal sealed class BatchNorm : Layer, IRunningStatistics
{
    private const double Epsilon = 1e-5;

    public BatchNorm(int channels)
        : base(nameof(BatchNorm))
    {
        RegisterParameter("weight", [channels], ones: true);
        RegisterParameter("bias", [channels]);
        register_buffer("running_mean", zeros(channels).DetachFromDisposeScope());
        register_buffer("running_var", ones(channels).DetachFromDisposeScope());
    }

    public double Momentum { get; set; } = 0.1;

    public override Tensor forward(Tensor input) => nn.functional.batch_norm(
        input,
        get_buffer("running_mean"),
        get_buffer("running_var"),
        Parameter("weight"),
        Parameter("bias"),
        training,
        Momentum,
        Epsilon);
}
