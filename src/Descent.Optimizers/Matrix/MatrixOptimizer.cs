using System.Numerics;

namespace Descent.Optimizers;

/// <summary>A rule for matrices over one matrix in plain memory, by <see cref="DenseProvider{T}"/>: for small problems, and to see what a rule does.</summary>
/// <example>
/// <code>
/// var optimizer = new MatrixOptimizer&lt;double&gt;(new MuonOptions { LearningRate = 0.02 }, rows: 4, columns: 3);
/// optimizer.Step(weights, gradients);                        // Span&lt;double&gt; and ReadOnlySpan&lt;double&gt; of 12, row by row
/// Span&lt;double&gt; momentum = optimizer.State("momentum_buffer");
/// </code>
/// </example>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class MatrixOptimizer<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly DenseProvider<T> _provider;
    private readonly MatrixRule _rule;
    private readonly UpdateKernel _front;
    private readonly UpdateKernel _last = MatrixRule.CreateLast();
    private readonly (MatrixState Kind, DenseMatrix<T>? Value)[] _states;
    private readonly DenseMatrix<T> _parameter;
    private readonly DenseMatrix<T> _gradient;
    private readonly DenseMatrix<T> _prepared;
    private readonly string _name;

    /// <summary>An optimizer of one matrix.</summary>
    /// <param name="options">The rule and its settings.</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="name">What random projections are derived from. Default: empty.</param>
    /// <param name="threads">For element-wise passes. Default: the caller's thread alone.</param>
    public MatrixOptimizer(MatrixOptions options, int rows, int columns, string name = "", IParallelRunner? threads = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Options = options;
        LearningRate = options.LearningRate;
        _provider = new DenseProvider<T>(threads);
        _rule = options.CreateRule();
        _front = _rule.CreateFront(options);
        _name = name;
        (_parameter, _gradient, _prepared) = (new(1, rows, columns), new(1, rows, columns), new(1, rows, columns));
        _states =
        [
            .. options.States.Select(state =>
            {
                (long own, long wide) = state.Shape?.Invoke(rows, columns) ?? (rows, columns);
                return (state, own == 0 ? null : new DenseMatrix<T>(1, (int)own, (int)wide));
            }),
        ];
    }

    /// <summary>The rule and its settings.</summary>
    public MatrixOptions Options { get; }

    /// <summary>γ of the next step; starts as the options', to be set by a schedule.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps done; set it, and the states, to go on from a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long Steps { get; set => field = Require.AtLeast(0, value); }

    /// <summary>Updates the matrix in place.</summary>
    /// <param name="parameter">The matrix, row by row.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="gradientScale">Multiplies the gradient first, for clipping or accumulation. Default 1.</param>
    /// <exception cref="ArgumentException">A buffer has another length than the matrix.</exception>
    public void Step(Span<T> parameter, ReadOnlySpan<T> gradient, double gradientScale = 1) =>
        Step(parameter, gradient, Options.Scalars(Steps + 1) with { LearningRate = LearningRate, GradientScale = gradientScale });

    internal void Step(Span<T> parameter, ReadOnlySpan<T> gradient, StepScalars scalars)
    {
        if (parameter.Length != _parameter.Data.Length || gradient.Length != parameter.Length)
        {
            throw new ArgumentException(
                $"{parameter.Length} parameters and {gradient.Length} gradients were given; this optimizer's matrix has {_parameter.Data.Length} of each.");
        }

        Steps++;
        if (!_rule.Moves(scalars.Step))
        {
            scalars = scalars with { WeightDecay = 0 };
        }

        parameter.CopyTo(_parameter.Data);
        gradient.CopyTo(_gradient.Data);
        DenseMatrix<T>[] front = [.. _states.Where(static state => state.Kind.InFront).Select(static state => state.Value!), _prepared];
        _provider.Pass(_front, scalars, _parameter, _gradient, front);
        MatrixMove<DenseMatrix<T>> move = _rule.Move(_provider, new MatrixStep<DenseMatrix<T>>
        {
            Gradient = _prepared,
            States = [.. _states.Where(static state => !state.Kind.InFront).Select(static state => state.Value)],
            Scalars = scalars,
            Names = [_name],
        });
        if (move.Direction is { } direction)
        {
            _provider.Pass(_last, new StepScalars { LearningRate = scalars.LearningRate, GradientScale = move.Factor }, _parameter, direction);
        }

        _parameter.Data.CopyTo(parameter);
    }

    /// <summary>A state, to be read, saved or filled from a saved run.</summary>
    /// <param name="state">A name of <see cref="MatrixOptions.States"/>.</param>
    /// <exception cref="ArgumentException">The rule has no such state for this matrix.</exception>
    public Span<T> State(string state) =>
        _states.FirstOrDefault(entry => entry.Kind.Name == state).Value is { } found
            ? found.Data
            : throw NearestName.Unknown(
                $"state of '{Options.Kind}' named", state, [.. _states.Where(static entry => entry.Value is not null).Select(static entry => entry.Kind.Name)]);
}
