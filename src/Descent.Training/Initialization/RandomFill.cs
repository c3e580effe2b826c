using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Initialization;

/// <summary>The distributions libtorch doesn't fill in place.</summary>
internal static class RandomFill
{
    // Φ(2) − ½ and the number of deviations at which the tails are cut.
    private const double HalfMass = 0.47724986805182079;
    private const double Cut = 2;

    /// <summary>Normal(0, deviation) conditioned on |x| ≤ 2 deviations, by inversion: √2·erf⁻¹(u), u uniform.</summary>
    public static void TruncatedNormal(Tensor weight, double deviation, Generator generator)
    {
        using var scale = (Math.Sqrt(2) * deviation).ToScalar();
        using var low = (-Cut * deviation).ToScalar();
        using var high = (Cut * deviation).ToScalar();
        weight.uniform_(-2 * HalfMass, 2 * HalfMass, generator);
        weight.erfinv_().mul_(scale).clamp_(low, high);
    }

    /// <summary>gain · Q of the QR factors of a normal matrix, signs fixed by R's diagonal so that Q is uniform.</summary>
    public static void Orthogonal(Tensor weight, double gain, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        long rows = weight.shape[0];
        Tensor flat = zeros_like(weight).normal_(0, 1, generator).view(rows, -1);
        bool wide = rows < flat.shape[1];
        var (q, r) = linalg.qr(wide ? flat.t() : flat);
        q.mul_(r.diagonal().sign());
        using var scale = gain.ToScalar();
        weight.copy_((wide ? q.t() : q).reshape(weight.shape).mul_(scale));
    }
}
