namespace Descent.Training.Folds;

/// <summary>Student's t distribution, for intervals.</summary>
internal static class StudentT
{
    /// <summary>The value below which the distribution lies with a probability.</summary>
    /// <param name="probability">Above ½ and below 1.</param>
    /// <param name="degreesOfFreedom">ν, at least 1.</param>
    public static double Quantile(double probability, double degreesOfFreedom)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(probability, 0.5);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(degreesOfFreedom, 1);
        double low = 0, high = 1;
        while (Cumulative(high, degreesOfFreedom) < probability)
        {
            (low, high) = (high, 2 * high);
        }

        // Halved until neighbouring doubles are reached.
        for (double middle = 0.5 * (low + high); middle > low && middle < high; middle = 0.5 * (low + high))
        {
            (low, high) = Cumulative(middle, degreesOfFreedom) < probability ? (middle, high) : (low, middle);
        }

        return high;
    }

    /// <summary>P(T ≤ t) = 1 − ½·I_x(ν/2, ½) with x = ν/(ν + t²), for t ≥ 0 (Abramowitz and Stegun 1964, 26.7.1 and 26.5.27).</summary>
    internal static double Cumulative(double t, double degreesOfFreedom)
    {
        double x = degreesOfFreedom / (degreesOfFreedom + (t * t));
        return 1 - (0.5 * RegularizedBeta(x, 0.5 * degreesOfFreedom, 0.5));
    }

    /// <summary>I_x(a, b) by its continued fraction, which converges fast on the side of the mean where x lies (ibid., 26.5.8).</summary>
    private static double RegularizedBeta(double x, double a, double b)
    {
        if (x <= 0 || x >= 1)
        {
            return Math.Clamp(x, 0, 1);
        }

        double front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * double.LogP1(-x)));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(x, a, b) / a : 1 - (front * Fraction(1 - x, b, a) / b);
    }

    // Lentz's way to sum a continued fraction from its front (Thompson and Barnett 1986).
    private static double Fraction(double x, double a, double b)
    {
        const double Tiny = 1e-300;
        double c = 1, d = 1 / NotZero(1 - ((a + b) * x / (a + 1))), sum = d;
        for (int m = 1; m <= 10_000; m++)
        {
            double even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            double odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            double change = 1;
            foreach (double term in (ReadOnlySpan<double>)[even, odd])
            {
                d = 1 / NotZero(1 + (term * d));
                c = NotZero(1 + (term / c));
                sum *= c * d;
                change = c * d;
            }

            if (Math.Abs(change - 1) < 1e-16)
            {
                break;
            }
        }

        return sum;

        static double NotZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;
    }

    // Stirling's series after a shift past 15, where eight terms of it are exact to a double's digits (ibid., 6.1.41).
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 15; x++)
        {
            shift += Math.Log(x);
        }

        double z = 1 / (x * x);
        double series = (((((((-3617.0 / 122400 * z) + (1.0 / 156)) * z - (691.0 / 360360)) * z + (1.0 / 1188)) * z - (1.0 / 1680)) * z + (1.0 / 1260)) * z - (1.0 / 360)) * z + (1.0 / 12);
        return ((x - 0.5) * Math.Log(x)) - x + (0.5 * Math.Log(2 * Math.PI)) + (series / x) - shift;
    }
}
