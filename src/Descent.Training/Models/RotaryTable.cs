using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Turns pairs of components by position × base^(−2i/size). The table isn't a parameter or buffer: it is made on the device where it is
/// first needed and shared by all layers.
/// </summary>
internal sealed class RotaryTable(int headSize, int context, double ropeBase, RotationKind kind) : IDisposable
{
    private Tensor? _cosines_TP;
    private Tensor? _sines_TP;
    private Tensor? _units_TP;

    /// <summary>Rotates [batch, time, heads, size], the first token being at position <paramref name="start"/>.</summary>
    public Tensor Rotate(Tensor x_BTHS, long start)
    {
        Prepare(x_BTHS.device, x_BTHS.dtype);
        using DisposeScope scope = NewDisposeScope();
        long time = x_BTHS.shape[1];
        if (kind == RotationKind.Interleaved)
        {
            // One complex product a pair: (a + bi)(cos + i sin).
            Tensor units_T1P = _units_TP!.narrow(0, start, time).unsqueeze(1);
            Tensor pairs_BTHP2 = x_BTHS.view(x_BTHS.shape[0], time, x_BTHS.shape[2], headSize / 2, 2);
            return pairs_BTHP2.view_as_complex().mul(units_T1P).view_as_real().view(x_BTHS.shape).MoveToOuterDisposeScope();
        }

        Tensor cosines_T1P = _cosines_TP!.narrow(0, start, time).unsqueeze(1);
        Tensor sines_T1P = _sines_TP!.narrow(0, start, time).unsqueeze(1);
        Tensor[] halves = x_BTHS.split(headSize / 2, -1);
        Tensor a = halves[0].mul(cosines_T1P).sub(halves[1].mul(sines_T1P));
        Tensor b = halves[1].mul(cosines_T1P).add(halves[0].mul(sines_T1P), GradientSink.One);
        return cat([a, b], -1).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _cosines_TP?.Dispose();
        _sines_TP?.Dispose();
        _units_TP?.Dispose();
        _cosines_TP = _sines_TP = _units_TP = null;
    }

    private void Prepare(Device device, ScalarType dtype)
    {
        if (_cosines_TP is { } ready && ready.device_type == device.type && ready.dtype == dtype)
        {
            return;
        }

        Dispose();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        int pairs = headSize / 2;
        double[] cosines = new double[context * pairs];
        double[] sines = new double[context * pairs];
        for (int p = 0; p < pairs; p++)
        {
            double frequency = Math.Pow(ropeBase, -2.0 * p / headSize);
            for (int t = 0; t < context; t++)
            {
                (sines[(t * pairs) + p], cosines[(t * pairs) + p]) = Math.SinCos(t * frequency);
            }
        }

        _cosines_TP = tensor(cosines, [context, pairs]).to(dtype, device).DetachFromDisposeScope();
        _sines_TP = tensor(sines, [context, pairs]).to(dtype, device).DetachFromDisposeScope();
        _units_TP = kind == RotationKind.Interleaved ? complex(_cosines_TP, _sines_TP).DetachFromDisposeScope() : null;
    }
}
