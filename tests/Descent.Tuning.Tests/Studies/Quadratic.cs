namespace Descent.Tuning.Tests.Studies;

/// <summary>What the studies of these tests search: (x − 0.3)² + n, best at x = 0.3, n = 0.</summary>
internal static class Quadratic
{
    public static SearchSpace Space { get; } = new(Parameter.Uniform("x", -1, 1), Parameter.Integer("n", 0, 3));

    public static double Value(Trial trial) => Math.Pow(trial.Configuration.Number("x") - 0.3, 2) + trial.Configuration.Integer("n");
}
