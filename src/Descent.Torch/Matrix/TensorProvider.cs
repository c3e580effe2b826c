using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// Matrix work by libtorch: a batch is a tensor [count, rows, columns] on any device. Everything runs under <c>no_grad</c> and inside the caller's dispose
/// scope, which owns what is not released before.
/// </summary>
internal sealed class TensorProvider : IMatrixProvider<Tensor>
{
    private readonly List<Drawn> _drawn = [];

    /// <summary>The threads of element-wise passes on the CPU.</summary>
    public IParallelRunner Threads { get; set; } = WorkerPool.Shared;

    public (long Count, long Rows, long Columns) ShapeOf(Tensor a) => (a.size(0), a.size(1), a.size(2));

    public Tensor Transpose(Tensor a) => a.transpose(1, 2);

    public Tensor Multiply(Tensor a, Tensor b) => a.bmm(b);

    public Tensor MultiplyAdd(double beta, Tensor c, double alpha, Tensor a, Tensor b)
    {
        if (c.dtype == ScalarType.Float32)
        {
            return a.baddbmm(b, c, (float)beta, (float)alpha); // TorchSharp puts the added term last
        }

        // baddbmm takes its factors in single precision.
        using Scalar keep = beta.ToScalar();
        using Scalar scale = alpha.ToScalar();
        Tensor result = a.bmm(b).mul_(scale);
        using Tensor kept = c.mul(keep);
        return result.add_(kept);
    }

    public Tensor Orthonormal(Tensor a)
    {
        (Tensor q, Tensor r) = linalg.qr(a);
        r.Dispose();
        return q;
    }

    public (double[] Values, Tensor Vectors) Eigen(Tensor symmetric)
    {
        double[] squares = Dots(symmetric, symmetric, MatrixAxis.Whole);
        long n = symmetric.size(1);
        if (squares.All(double.IsFinite))
        {
            (Tensor values, Tensor vectors) = linalg.eigh(symmetric);
            double[] numbers = Host(values);
            values.Dispose();
            return (numbers, vectors);
        }

        Tensor all = zeros_like(symmetric);
        double[] found = new double[squares.Length * n];
        for (int index = 0; index < squares.Length; index++)
        {
            if (double.IsFinite(squares[index]))
            {
                (Tensor values, Tensor vectors) = linalg.eigh(symmetric[index]);
                Host(values).CopyTo(found, index * n);
                all[index].copy_(vectors);
            }
            else
            {
                found.AsSpan((int)(index * n), (int)n).Fill(double.NaN);
                all[index].copy_(eye(n, dtype: symmetric.dtype, device: symmetric.device));
            }
        }

        return (found, all);
    }

    public Tensor Select(Tensor a, ReadOnlySpan<long> order, MatrixAxis axis)
    {
        long count = a.size(0), each = order.Length / count;
        using Tensor indices = tensor(order.ToArray(), ScalarType.Int64, a.device);
        using Tensor wide = axis == MatrixAxis.Rows
            ? indices.view(count, each, 1).expand(count, each, a.size(2))
            : indices.view(count, 1, each).expand(count, a.size(1), each);
        return a.gather(axis == MatrixAxis.Rows ? 1 : 2, wide);
    }

    public Tensor Block(Tensor a, long row, long rows, long column, long columns) =>
        a.narrow(1, row, rows).narrow(2, column, columns).clone().contiguous();

    public void SetBlock(Tensor a, long row, long column, Tensor value) =>
        a.narrow(1, row, value.size(1)).narrow(2, column, value.size(2)).copy_(value);

    public double[] Dots(Tensor a, Tensor b, MatrixAxis axis)
    {
        long[] over = axis switch { MatrixAxis.Whole => [1, 2], MatrixAxis.Rows => [2], _ => [1] };
        if (ReferenceEquals(a, b))
        {
            using Tensor norms = linalg.vector_norm(a, 2, over);
            double[] squares = Host(norms);
            for (int i = 0; i < squares.Length; i++)
            {
                squares[i] *= squares[i];
            }

            return squares;
        }

        using Tensor products = a.mul(b);
        using Tensor sums = products.sum(over);
        return Host(sums);
    }

    public void Scale(Tensor a, ReadOnlySpan<double> factors, MatrixAxis axis)
    {
        long count = a.size(0);
        using Tensor flat = tensor(factors.ToArray(), ScalarType.Float64).to(a.dtype, a.device);
        using Tensor scales = flat.view(axis switch { MatrixAxis.Whole => [count, 1, 1], MatrixAxis.Rows => [count, -1, 1], _ => [count, 1, -1] });
        a.mul_(scales);
    }

    public void Copy(Tensor from, Tensor to) => to.copy_(from);

    public double[] Read(Tensor a) => Host(a);

    public void Write(Tensor a, ReadOnlySpan<double> values)
    {
        using Tensor exact = tensor(values.ToArray(), a.shape, ScalarType.Float64);
        a.copy_(exact);
    }

    /// <summary>Drawn once and kept while every step asks for it again; see <see cref="ForgetUnused"/>.</summary>
    public Tensor Gaussian(ReadOnlySpan<ulong> keys, long rows, long columns, double deviation, Tensor like)
    {
        Drawing wanted = new(rows, columns, deviation, like.dtype, like.device.ToString());
        foreach (Drawn known in _drawn)
        {
            if (known.Drawing == wanted && keys.SequenceEqual(known.Keys))
            {
                known.Used = true;
                return known.Numbers.alias();
            }
        }

        Drawn drawn = new(wanted, keys.ToArray(), Draw(keys, rows, columns, deviation, like)) { Used = true };
        _drawn.Add(drawn);
        return drawn.Numbers.alias();
    }

    /// <summary>How many batches of random matrices are kept.</summary>
    public int Kept => _drawn.Count;

    /// <summary>Gives the memory of random matrices back that were not asked for since the last call.</summary>
    public void ForgetUnused()
    {
        foreach (Drawn drawn in _drawn.Where(static drawn => !drawn.Used))
        {
            drawn.Numbers.Dispose();
        }

        _drawn.RemoveAll(static drawn => !drawn.Used);
        _drawn.ForEach(static drawn => drawn.Used = false);
    }

    public unsafe void Pass(UpdateKernel kernel, in StepScalars scalars, Tensor p, Tensor g, params ReadOnlySpan<Tensor> states)
    {
        using Tensor flatGradient = g.contiguous();
        TensorSlot slot = new();
        if (TryRead(p, out FlatTensor parameter) && TryRead(flatGradient, out FlatTensor gradient) && TryAddresses(states, out nint[] addresses))
        {
            slot = new TensorSlot
            {
                Parameter = parameter.Data,
                Gradient = gradient.Data,
                State0 = (void*)addresses[0],
                State1 = (void*)addresses[1],
                State2 = (void*)addresses[2],
                State3 = (void*)addresses[3],
                Length = parameter.Length,
            };
            ElementType type = parameter.Type == TensorExports.Float32 ? ElementType.Float32 : ElementType.Float64;
            kernel.Update(new ReadOnlySpan<TensorSlot>(in slot), type, scalars, Threads);
            GC.KeepAlive(p);
            GC.KeepAlive(flatGradient);
            foreach (Tensor state in states)
            {
                GC.KeepAlive(state);
            }

            return;
        }

        using var scope = NewDisposeScope();
        Span<TensorLane> lanes = new TensorLane[states.Length];
        for (int i = 0; i < lanes.Length; i++)
        {
            lanes[i] = new TensorLane(states[i]);
        }

        TensorLane target = new(p);
        kernel.Apply(ref target, new TensorLane(g), lanes, scalars);
        p.copy_(target.Tensor);
        for (int i = 0; i < lanes.Length; i++)
        {
            states[i].copy_(lanes[i].Tensor);
        }
    }

    public void Release(Tensor a) => a.Dispose();

    internal static bool TryRead(Tensor tensor, out FlatTensor flat) => TensorExports.TryRead(tensor.Handle, out flat);

    private static Tensor Draw(ReadOnlySpan<ulong> keys, long rows, long columns, double deviation, Tensor like)
    {
        long each = rows * columns;
        double[] numbers = new double[keys.Length * each];
        for (int index = 0; index < keys.Length; index++)
        {
            Projections.Fill(numbers.AsSpan((int)(index * each), (int)each), keys[index], deviation);
        }

        using Tensor exact = tensor(numbers, [keys.Length, rows, columns], ScalarType.Float64);
        return exact.to(like.dtype, like.device, copy: true).DetachFromDisposeScope();
    }

    private static unsafe bool TryAddresses(ReadOnlySpan<Tensor> states, out nint[] addresses)
    {
        addresses = new nint[4];
        for (int i = 0; i < states.Length; i++)
        {
            if (!TryRead(states[i], out FlatTensor flat))
            {
                return false;
            }

            addresses[i] = (nint)flat.Data;
        }

        return true;
    }

    private static double[] Host(Tensor values)
    {
        using Tensor exact = values.to(ScalarType.Float64, CPU).contiguous();
        return exact.data<double>().ToArray();
    }

    private readonly record struct Drawing(long Rows, long Columns, double Deviation, ScalarType Type, string Device);

    private sealed class Drawn(Drawing drawing, ulong[] keys, Tensor numbers)
    {
        public Drawing Drawing => drawing;

        public ulong[] Keys => keys;

        public Tensor Numbers => numbers;

        public bool Used { get; set; }
    }
}
