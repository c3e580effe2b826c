namespace Descent.Optimizers.Tests.Golden;

/// <summary>Linear(2,3), sigmoid, Linear(3,1), sigmoid over three fixed inputs; the loss is the sum of the outputs.</summary>
internal static class SigmoidNetwork
{
    private const int Inputs = 2;
    private const int Hidden = 3;

    /// <summary>Weights 3×2, biases 3, weights 1×3, bias 1, one behind the other.</summary>
    public const int Parameters = (Hidden * Inputs) + Hidden + Hidden + 1;

    private static readonly double[] X = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6];

    public static void Gradient(ReadOnlySpan<double> parameters, Span<double> gradient)
    {
        ReadOnlySpan<double> weight1 = parameters[..(Hidden * Inputs)];
        ReadOnlySpan<double> bias1 = parameters.Slice(Hidden * Inputs, Hidden);
        ReadOnlySpan<double> weight2 = parameters.Slice((Hidden * Inputs) + Hidden, Hidden);
        double bias2 = parameters[^1];
        Span<double> hidden = stackalloc double[Hidden];
        gradient.Clear();
        for (int sample = 0; sample < X.Length / Inputs; sample++)
        {
            ReadOnlySpan<double> x = X.AsSpan(sample * Inputs, Inputs);
            double sum = bias2;
            for (int unit = 0; unit < Hidden; unit++)
            {
                hidden[unit] = Sigmoid(bias1[unit] + (weight1[unit * Inputs] * x[0]) + (weight1[(unit * Inputs) + 1] * x[1]));
                sum += weight2[unit] * hidden[unit];
            }

            double y = Sigmoid(sum);
            double outer = y * (1 - y);
            gradient[^1] += outer;
            for (int unit = 0; unit < Hidden; unit++)
            {
                double inner = outer * weight2[unit] * hidden[unit] * (1 - hidden[unit]);
                gradient[(Hidden * Inputs) + Hidden + unit] += outer * hidden[unit];
                gradient[(Hidden * Inputs) + unit] += inner;
                gradient[unit * Inputs] += inner * x[0];
                gradient[(unit * Inputs) + 1] += inner * x[1];
            }
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
