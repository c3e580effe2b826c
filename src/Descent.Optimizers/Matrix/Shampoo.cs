namespace Descent.Optimizers;

/// <summary>
/// Shampoo in blocks, with grafting: L ← β₂L + (1−β₂)ggᵀ, R ← β₂R + (1−β₂)gᵀg, m ← β₁m + (1−β₁)g, D = (L̂+ε)^(−1/4) m̂ (R̂+ε)^(−1/4), and θ ← θ − γ·‖D_g‖/‖D‖·D, where
/// D_g is the direction of the rule whose length is grafted on.
/// Gupta et al., "Shampoo: Preconditioned Stochastic Tensor Optimization", 2018; Anil et al., "Scalable Second Order Optimization for Deep Learning", 2020;
/// Shi et al., "A Distributed Data-Parallel PyTorch Implementation of the Distributed Shampoo Optimizer", 2023, algorithm 2.
/// </summary>
/// <remarks>
/// A matrix is cut into blocks of at most <see cref="BlockSize"/> a side, each with factors and a grafted length of its own. Inverse fourth roots are
/// taken from eigenvalues, every <see cref="PreconditionEvery"/> steps; before <see cref="StartStep"/> the grafted rule acts alone. Averages are bias-corrected. Negative
/// eigenvalues, which only rounding makes, count as 0 (Shi et al. shift the spectrum instead). Decay comes before the step.
/// </remarks>
public sealed record ShampooOptions : MatrixOptions
{
    /// <summary>γ = 1e-3 and λ = 0: the rate of Adam, whose length is grafted on.</summary>
    public ShampooOptions() => LearningRate = 1e-3;

    /// <inheritdoc/>
    public override string Kind => "shampoo";

    /// <summary>β₁, 0 ≤ β₁ &lt; 1: how slowly the mean of gradients moves. Default 0.9 (Shi et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta1 { get; init => field = Require.Decay(value); } = 0.9;

    /// <summary>β₂, 0 ≤ β₂ &lt; 1: how slowly L, R and the grafted mean of squares move. Default 0.999 (Shi et al., with Adam's length).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside the range.</exception>
    public double Beta2 { get; init => field = Require.Decay(value); } = 0.999;

    /// <summary>ε, above 0: added to the eigenvalues of L and R. Default 1e-12 (Shi et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not above 0.</exception>
    public double Epsilon { get; init => field = Require.Positive(value); } = 1e-12;

    /// <summary>Whose length the step has. Default <see cref="ShampooGrafting.Adam"/> (as the AlgoPerf submission).</summary>
    public ShampooGrafting Grafting { get; init; }

    /// <summary>ε of the grafted rule, at least 0. Default 1e-8 (Adam's).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double GraftingEpsilon { get; init => field = Require.AtLeastZero(value); } = 1e-8;

    /// <summary>The longest side of a block, at least 1. Default 1024 (Shi et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int BlockSize { get; init => field = Require.AtLeast(1, value); } = 1024;

    /// <summary>Steps from one inverse root to the next, at least 1. Default 100 (as the AlgoPerf submission).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1.</exception>
    public int PreconditionEvery { get; init => field = Require.AtLeast(1, value); } = 100;

    /// <summary>The first step with Shampoo's direction; 0: <see cref="PreconditionEvery"/>. Default 0 (Shi et al.).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int StartStep { get; init => field = Require.AtLeast(0, value); }

    /// <inheritdoc/>
    public override IReadOnlyList<MatrixState> States =>
    [
        new("exp_avg"),
        new("L", (rows, columns) => Cut(rows, columns)),
        new("R", (rows, columns) => Cut(columns, rows)),
        new("L_root", (rows, columns) => Cut(rows, columns)),
        new("R_root", (rows, columns) => Cut(columns, rows)),
        .. Grafting is ShampooGrafting.Adam or ShampooGrafting.RmsProp ? (MatrixState[])[new("exp_avg_sq") { NonNegative = true }] : [],
    ];

    /// <inheritdoc/>
    public override MatrixRule CreateRule() => new ShampooRule(this);

    // The factors of all blocks, one below the other: those of a column of blocks are as tall as the matrix.
    private (long Rows, long Columns) Cut(long side, long other) => (side * ((other + BlockSize - 1) / BlockSize), Math.Min(side, BlockSize));
}

internal sealed class ShampooRule(ShampooOptions options) : MatrixRule
{
    private readonly int _start = options.StartStep == 0 ? options.PreconditionEvery : options.StartStep;
    private readonly UpdateKernel _mean = UpdateKernel.Stateless(new MatrixPass(0), _ => new FollowRule(options.Beta1));
    private readonly UpdateKernel _grafted = UpdateKernel.OneState(new MatrixPass(1), scalars => options.Grafting == ShampooGrafting.Adam
        ? AdaptiveDirection.Corrected(options.Beta1, options.Beta2, options.GraftingEpsilon, scalars.Step)
        : new AdaptiveDirection(options.Beta2, options.GraftingEpsilon, 1 / (1 - Math.Pow(options.Beta1, scalars.Step)), 1));

    public override MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step)
    {
        TMatrix mean = step.States[0]!;
        (_, long rows, long columns) = provider.ShapeOf(mean);
        long t = step.Scalars.Step;
        provider.Pass(_mean, step.Scalars, mean, step.Gradient);
        TMatrix direction = provider.Block(mean, 0, rows, 0, columns);
        if (step.States.Count > 5)
        {
            provider.Pass(_grafted, step.Scalars, direction, step.Gradient, step.States[5]!);
        }

        for (long row = 0; row < rows; row += options.BlockSize)
        {
            for (long column = 0; column < columns; column += options.BlockSize)
            {
                Block(provider, step, direction, row, column);
            }
        }

        // The adaptive directions carry the correction of the mean themselves, and Shampoo's block takes over their length.
        return new(direction, step.States.Count > 5 ? 1 : 1 / (1 - Math.Pow(options.Beta1, t)));
    }

    private void Block<TMatrix>(IMatrixProvider<TMatrix> m, MatrixStep<TMatrix> step, TMatrix direction, long row, long column) where TMatrix : class
    {
        (_, long rows, long columns) = m.ShapeOf(step.Gradient);
        long tall = Math.Min(options.BlockSize, rows - row), wide = Math.Min(options.BlockSize, columns - column), t = step.Scalars.Step;
        TMatrix gradient = m.Block(step.Gradient, row, tall, column, wide);
        (long Start, long Side)[] sides = [(((column / options.BlockSize) * rows) + row, tall), (((row / options.BlockSize) * columns) + column, wide)];
        TMatrix?[] factors = [.. sides.Select((side, number) => m.Block(step.States[1 + number]!, side.Start, side.Side, 0, side.Side))];
        Eigenbases.UpdateFactors(m, gradient, factors, options.Beta2);
        for (int number = 0; number < 2; number++)
        {
            m.SetBlock(step.States[1 + number]!, sides[number].Start, 0, factors[number]!);
            if (t >= _start && (t == _start || t % options.PreconditionEvery == 0))
            {
                m.SetBlock(step.States[3 + number]!, sides[number].Start, 0, InverseRoot(m, factors[number]!, 1 - Math.Pow(options.Beta2, t)));
            }
        }

        if (t < _start)
        {
            return;
        }

        TMatrix[] roots = [.. sides.Select((side, number) => m.Block(step.States[3 + number]!, side.Start, side.Side, 0, side.Side))];
        TMatrix own = m.Multiply(m.Multiply(roots[0], m.Block(step.States[0]!, row, tall, column, wide)), roots[1]);
        if (options.Grafting != ShampooGrafting.None)
        {
            TMatrix grafted = m.Block(direction, row, tall, column, wide);
            double[] factor = [.. m.Dots(grafted, grafted, MatrixAxis.Whole).Zip(m.Dots(own, own, MatrixAxis.Whole), static (g, d) => d == 0 ? 0 : Math.Sqrt(g / d))];
            m.Scale(own, factor, MatrixAxis.Whole);
        }

        m.SetBlock(direction, row, column, own);
    }

    /// <summary>(A/c + ε)^(−1/4) by eigenvalues.</summary>
    private TMatrix InverseRoot<TMatrix>(IMatrixProvider<TMatrix> m, TMatrix factor, double correction) where TMatrix : class
    {
        (double[] values, TMatrix vectors) = m.Eigen(factor);
        TMatrix scaled = m.Block(vectors, 0, m.ShapeOf(vectors).Rows, 0, m.ShapeOf(vectors).Columns);
        m.Scale(scaled, [.. values.Select(value => Math.Pow((Math.Max(value, 0) / correction) + options.Epsilon, -0.25))], MatrixAxis.Columns);
        return m.Multiply(scaled, m.Transpose(vectors));
    }
}
