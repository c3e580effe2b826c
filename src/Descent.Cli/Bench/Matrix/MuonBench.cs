using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Cli.Bench;

/// <summary>Muon's Newton–Schulz steps as in training, in the same batches by the same provider, beside plain products of the same and of large matrices.</summary>
internal static class MuonBench
{
    private const int LargeSide = 2048;

    // A round over GPT-2 small is 1.6 TFLOP of products.
    private const int MostRounds = 3;

    /// <summary>The 72 hidden matrices of GPT-2 small, query, key and value apart; one batch is in memory at a time, 0.4 GB with its products.</summary>
    /// <param name="rounds">Measured rounds; three at most are done.</param>
    public static MuonTiming Gpt2Small(int rounds) =>
        Measure([.. ParameterShapes.Gpt2Small().Where(static slot => slot.Rows > 0 && !slot.Table).SelectMany(Matrices)], Math.Min(rounds, MostRounds), LargeSide);

    /// <summary>Any matrices.</summary>
    /// <param name="matrices">Rows and columns.</param>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="largeSide">Sides of the large product.</param>
    public static MuonTiming Measure(IReadOnlyList<(long Rows, long Columns)> matrices, int rounds, int largeSide)
    {
        var options = new MuonOptions();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        (long Rows, long Columns, int Count)[] batches = [.. matrices.GroupBy(static shape => shape).SelectMany(shape => Batches(options, shape.Key, shape.Count()))];

        // Every batch takes its numbers from the same memory; the steps leave them there, scaled.
        Tensor numbers = randn(batches.Max(static batch => batch.Count * batch.Rows * batch.Columns));
        Tensor large = randn(largeSide, largeSide);
        double work = 0, steps = 0, same = 0, square = 0;
        foreach ((long rows, long columns, int count) in batches)
        {
            Tensor batch = numbers.narrow(0, 0, count * rows * columns).view(count, rows, columns);
            IReadOnlyList<StepTiming> timings = Interleaved.Measure(
                [
                    new StepCase("Newton–Schulz", 0, () => Orthogonalize(batch, options)),
                    new StepCase("same products", 0, () => OneByOne(batch)),
                    new StepCase("large product", 0, () => large.mm(large).Dispose()),
                ],
                rounds);
            work += count * options.NewtonSchulzSteps * WorkOfStep(rows, columns);
            (steps, same, square) = (steps + timings[0].Milliseconds, same + timings[1].Milliseconds, square + timings[2].Milliseconds);
        }

        return new(
            matrices.Count,
            options.NewtonSchulzSteps,
            steps,
            work / steps / 1e6,
            work / options.NewtonSchulzSteps / same / 1e6,
            batches.Length * 2 * Math.Pow(largeSide, 3) / square / 1e6);
    }

    /// <summary>Floating-point operations of X·Xᵀ, A·A and B·X, square in the smaller side.</summary>
    public static double WorkOfStep(long rows, long columns)
    {
        double small = Math.Min(rows, columns), wide = Math.Max(rows, columns);
        return 2 * small * small * ((2 * wide) + small);
    }

    private static IEnumerable<(long Rows, long Columns)> Matrices(TensorSlot slot)
    {
        const int parts = 3; // query, key and value lie in one parameter
        return slot.HeadedRows > 0 ? Enumerable.Repeat((slot.Rows / parts, slot.Columns), parts) : [(slot.Rows, slot.Columns)];
    }

    private static IEnumerable<(long Rows, long Columns, int Count)> Batches(MuonOptions options, (long Rows, long Columns) shape, int count)
    {
        int limit = new MatrixBatch(options).Limit(shape.Rows, shape.Columns, DeviceType.CPU);
        for (int first = 0; first < count; first += limit)
        {
            yield return (shape.Rows, shape.Columns, Math.Min(limit, count - first));
        }
    }

    private static void Orthogonalize(Tensor batch, MuonOptions options)
    {
        using var products = NewDisposeScope();
        NewtonSchulz.Orthogonalize(
            new TensorProvider(), batch, (options.CoefficientA, options.CoefficientB, options.CoefficientC), options.NewtonSchulzSteps, options.Epsilon);
    }

    /// <summary>The products of one step, by the plainest means.</summary>
    private static void OneByOne(Tensor batch)
    {
        for (long index = 0; index < batch.size(0); index++)
        {
            using Tensor matrix = batch[index];
            using Tensor x = matrix.size(0) > matrix.size(1) ? matrix.t() : matrix.alias();
            using Tensor transposed = x.t();
            using Tensor gram = x.mm(transposed);
            using Tensor square = gram.mm(gram);
            using Tensor next = square.mm(x);
        }
    }
}
