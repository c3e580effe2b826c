using System.Text;

namespace Descent.Optimizers;

/// <summary>
/// The settings of a rule for hidden matrices. Convolution filters are taken as matrices of one row a filter; matrices that are stacked in one
/// parameter (query, key and value) are treated one by one.
/// </summary>
/// <remarks>
/// Weight decay is decoupled and comes first, θ ← (1 − γλ)·θ, as in PyTorch's AdamW. There is no element-wise kernel: <c>FusedOptimizer</c> and
/// <see cref="MatrixOptimizer{T}"/> run these rules.
/// </remarks>
public abstract record MatrixOptions : OptimizerOptions
{
    /// <inheritdoc/>
    public sealed override bool MatricesOnly => true;

    /// <inheritdoc/>
    public sealed override bool DecoupledWeightDecay => true;

    /// <summary>
    /// What embeddings, head, norms and biases take, with a rate and a decay of its own. Default: <see cref="AdamWOptions"/> as it is.
    /// </summary>
    /// <exception cref="ArgumentException">It is a rule for matrices itself.</exception>
    public OptimizerOptions Fallback
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value.MatricesOnly ? throw Require.Refused(nameof(Fallback), $"is '{value.Kind}', which updates matrices only; allowed: a rule for every parameter") : value;
        }
    } = new AdamWOptions();

    /// <inheritdoc/>
    public sealed override OptimizerOptions? Companion => Fallback;

    /// <summary>What the rule keeps for every matrix.</summary>
    public abstract IReadOnlyList<MatrixState> States { get; }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<StateTensor> State => StatesOf(parts: 1);

    /// <summary>The state tensors of a parameter in which so many matrices of equal width are stacked.</summary>
    /// <param name="stackedRows">The rows of each; null for one matrix.</param>
    public IReadOnlyList<StateTensor> StatesOf(long[]? stackedRows) => stackedRows is { Length: > 1 } ? StatesOf(stackedRows.Length, stackedRows) : State;

    /// <summary>The rule, for one batch of matrices.</summary>
    public abstract MatrixRule CreateRule();

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">Always: no element-wise kernel can run a rule for matrices.</exception>
    public sealed override UpdateKernel CreateKernel() => throw new NotSupportedException(
        $"'{Kind}' updates whole matrices and has no element-wise kernel; use FusedOptimizer with named parameters, or MatrixOptimizer on plain memory. "
        + "Vectors and other parameters take an element-wise rule such as adamw.");

    /// <inheritdoc/>
    protected override bool PrintMembers(StringBuilder builder)
    {
        base.PrintMembers(builder);
        builder.Append(", Fallback = ").Append(Fallback);
        return true;
    }

    /// <summary>Rows and columns of a parameter seen as a matrix: a filter is a row.</summary>
    internal static (long Rows, long Columns) Flatten(ReadOnlySpan<long> shape)
    {
        long columns = 1;
        foreach (long extent in shape[1..])
        {
            columns *= extent;
        }

        return (shape[0], columns);
    }

    private List<StateTensor> StatesOf(int parts, long[]? rows = null)
    {
        List<StateTensor> states = [];
        foreach (MatrixState state in States)
        {
            if (state.Shape is not { } shape)
            {
                states.Add(new StateTensor(state.Name) { NonNegative = state.NonNegative });
                continue;
            }

            for (int part = 0; part < parts; part++)
            {
                int number = part;
                states.Add(new StateTensor(rows is null ? state.Name : $"{state.Name}.{part}")
                {
                    NonNegative = state.NonNegative,
                    Shape = parameter => ShapeOf(shape, parameter, rows?[number]),
                });
            }
        }

        return states;
    }

    private static long[] ShapeOf(Func<long, long, (long Rows, long Columns)> shape, long[] parameter, long? partRows)
    {
        if (parameter.Length < 2)
        {
            throw new ArgumentException($"A parameter of shape [{string.Join(", ", parameter)}] is no matrix; give it an element-wise rule.");
        }

        (long rows, long columns) = Flatten(parameter);
        (long own, long wide) = shape(partRows ?? rows, columns);
        return own == 0 ? [0] : [own, wide];
    }
}
