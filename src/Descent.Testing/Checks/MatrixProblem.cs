using System.Numerics;
using Descent.Optimizers;

namespace Descent.Testing.Checks;

/// <summary>One matrix under a rule, with gradients that are the same on every machine.</summary>
internal sealed class MatrixProblem<T>(MatrixOptions options, int rows, int columns, IParallelRunner? threads = null)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int ParameterNumbers = 1, GradientNumbers = 100;

    public MatrixOptimizer<T> Optimizer { get; } = new(options, rows, columns, "weight", threads);

    public T[] Parameter { get; private set; } = Fill(ParameterNumbers, rows * columns);

    /// <summary>The gradient of a step.</summary>
    public T[] Gradient(long step) => Fill(GradientNumbers + (int)step, rows * columns);

    /// <summary>Steps with the gradients of these steps.</summary>
    public void Run(long from, long to)
    {
        for (long step = from; step <= to; step++)
        {
            Optimizer.Step(Parameter, Gradient(step));
        }
    }

    /// <summary>Takes over parameters, states and step of another, as a checkpoint does.</summary>
    public void CopyFrom(MatrixProblem<T> other)
    {
        Parameter = [.. other.Parameter];
        Optimizer.Steps = other.Optimizer.Steps;
        foreach (string state in Kept())
        {
            other.Optimizer.State(state).CopyTo(Optimizer.State(state));
        }
    }

    public void RequireSameBits(MatrixProblem<T> expected, string context)
    {
        RequireSameBits(Parameter, expected.Parameter, $"{context}, {rows} × {columns}: the parameter");
        foreach (string state in Kept())
        {
            RequireSameBits(Optimizer.State(state), expected.Optimizer.State(state), $"{context}, {rows} × {columns}: {state}");
        }
    }

    public static void RequireSameBits(ReadOnlySpan<T> actual, ReadOnlySpan<T> expected, string context)
    {
        for (int index = 0; index < expected.Length; index++)
        {
            if (!Numbers.SameBits(actual[index], expected[index]))
            {
                throw new ContractException($"{context}: element {index} is {actual[index]}, expected {expected[index]}.");
            }
        }
    }

    public static T[] Fill(int numbers, int length) => [.. Enumerable.Range(0, length).Select(index => T.CreateChecked(Numbers.At(numbers, 0, index)))];

    // Those that a matrix of this shape has.
    private IEnumerable<string> Kept() => options.States
        .Where(state => state.Shape is null || state.Shape(rows, columns).Rows > 0)
        .Select(static state => state.Name);
}
