using System.Numerics;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>What a rule for matrices says of itself, and what it keeps from step to step.</summary>
internal static class MatrixStateChecks
{
    public static void DescribesItself(MatrixOptions options)
    {
        Require(!string.IsNullOrWhiteSpace(options.Kind), "Kind is empty; give the rule a name.");
        Require(options.Equals(options with { }), "A copy of the options isn't equal to them; compare settings by value.");
        try
        {
            options.CreateKernel();
        }
        catch (NotSupportedException refusal)
        {
            Require(refusal.Message.Contains(options.Kind, StringComparison.Ordinal), $"The refusal of a kernel doesn't name the rule: {refusal.Message}");
            return;
        }

        throw new ContractException("A rule for matrices made an element-wise kernel; it must throw NotSupportedException.");
    }

    /// <summary>A file must fit: every state has one name and one shape, also where matrices are stacked in a parameter.</summary>
    public static void StatesHaveTheirNamesAndShapes(MatrixOptions options)
    {
        const int rows = 6, columns = 4, parts = 3;
        string[] names = [.. options.States.Select(static state => state.Name)];
        Require(names.Distinct(StringComparer.Ordinal).Count() == names.Length, $"State names are not distinct: {string.Join(", ", names)}.");
        Require(names.SequenceEqual(options.State.Select(static state => state.Name)), "States and State have other names, or another order.");
        var optimizer = new MatrixOptimizer<float>(options, rows, columns);
        foreach ((MatrixState state, StateTensor tensor) in options.States.Zip(options.State))
        {
            (long own, long wide) = state.Shape?.Invoke(rows, columns) ?? (rows, columns);
            long[] declared = tensor.ShapeFor([rows, columns], TensorSlot.OfShape([rows, columns]));
            Require(own > 0 ? declared.SequenceEqual([own, wide]) : declared is [0], $"State {state.Name} is {own} × {wide}, but declared as [{string.Join(", ", declared)}].");
            if (own > 0)
            {
                int length = optimizer.State(state.Name).Length;
                Require(length == own * wide, $"State {state.Name} has {length} elements, not {own * wide}.");
            }
        }

        string[] stacked = [.. options.StatesOf([.. Enumerable.Repeat((long)rows, parts)]).Select(static state => state.Name)];
        string[] expected =
        [
            .. options.States.SelectMany(static state => state.Shape is null ? [state.Name] : Enumerable.Range(0, parts).Select(part => $"{state.Name}.{part}")),
        ];
        Require(stacked.SequenceEqual(expected), $"The states of {parts} stacked matrices are {string.Join(", ", stacked)}, not {string.Join(", ", expected)}.");
    }

    public static void ResumeEqualsUninterrupted(MatrixOptions options)
    {
        foreach ((int rows, int columns) in MatrixChecks.Shapes)
        {
            Resume<float>(options, rows, columns);
            Resume<double>(options, rows, columns);
        }
    }

    /// <summary>A matrix moves as if it were alone, also beside one that is broken.</summary>
    public static void MatricesOfABatchAreIndependent(MatrixOptions options)
    {
        foreach ((int rows, int columns) in MatrixChecks.Shapes)
        {
            DenseMatrix<double>[] alone = Directions(options, rows, columns, beside: null);
            foreach (double beside in (double[])[1, double.NaN, double.PositiveInfinity])
            {
                foreach ((DenseMatrix<double> single, DenseMatrix<double> pair) in alone.Zip(Directions(options, rows, columns, beside)))
                {
                    MatrixProblem<double>.RequireSameBits(
                        pair.Data.AsSpan(rows * columns), single.Data, $"A {rows} × {columns} matrix beside another whose gradient has a {beside}, against alone");
                }
            }
        }
    }

    /// <summary>The directions of some steps, of one matrix or of the same one behind another.</summary>
    private static DenseMatrix<double>[] Directions(MatrixOptions options, int rows, int columns, double? beside)
    {
        const int steps = 7;
        int count = beside is null ? 1 : 2, length = rows * columns;
        MatrixRule rule = options.CreateRule();
        UpdateKernel front = rule.CreateFront(options);
        DenseProvider<double> provider = new();
        (MatrixState Kind, DenseMatrix<double>? Value)[] states =
        [
            .. options.States.Select(state =>
            {
                (long own, long wide) = state.Shape?.Invoke(rows, columns) ?? (rows, columns);
                return (state, own == 0 ? null : new DenseMatrix<double>(count, (int)own, (int)wide));
            }),
        ];
        DenseMatrix<double> parameter = new(count, rows, columns), gradient = new(count, rows, columns);
        List<DenseMatrix<double>> directions = [];
        for (int step = 1; step <= steps; step++)
        {
            MatrixProblem<double>.Fill(step, length).CopyTo(gradient.Data, length * (count - 1));
            if (beside is { } value)
            {
                MatrixProblem<double>.Fill(50 + step, length).CopyTo(gradient.Data, 0);
                gradient.Data[1] = step >= 3 ? value : gradient.Data[1];
            }

            DenseMatrix<double> prepared = new(count, rows, columns);
            StepScalars scalars = options.Scalars(step);
            provider.Pass(front, scalars, parameter, gradient, [.. states.Where(static state => state.Kind.InFront).Select(static state => state.Value!), prepared]);
            MatrixMove<DenseMatrix<double>> move = rule.Move(provider, new MatrixStep<DenseMatrix<double>>
            {
                Gradient = prepared,
                States = [.. states.Where(static state => !state.Kind.InFront).Select(static state => state.Value)],
                Scalars = scalars,
                Names = count == 1 ? ["weight"] : ["other", "weight"],
            });
            if (move.Direction is { } direction)
            {
                directions.Add(direction);
            }
        }

        return [.. directions];
    }

    private static void Resume<T>(MatrixOptions options, int rows, int columns) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int saved = 5, end = 12;
        MatrixProblem<T> whole = new(options, rows, columns), first = new(options, rows, columns), second = new(options, rows, columns);
        whole.Run(1, end);
        first.Run(1, saved);
        second.CopyFrom(first);
        second.Run(saved + 1, end);
        second.RequireSameBits(whole, $"steps 1–{saved}, saved, loaded, {saved + 1}–{end}, against 1–{end}");
    }

    private static void Require(bool kept, string message)
    {
        if (!kept)
        {
            throw new ContractException(message);
        }
    }
}
