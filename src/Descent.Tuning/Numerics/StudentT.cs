namespace Descent.Tuning;

/// <summary>Student's t distribution with ν degrees of freedom. Depends on nothing else, so that another project can take the file in.</summary>
internal static class StudentT
{
    private const int MostTerms = 400;

    // Below the rounding of a sum of terms near 1.
    private const double Tiny = 1e-300;

    // Lanczos' approximation with g = 7 and nine terms: relative error below 1e-14 for arguments from ½ on.
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
        12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>P(|T| ≥ |t|) = I_x(ν/2, ½) with x = ν/(ν + t²).</summary>
    /// <param name="t">The statistic; infinite ones have no mass beyond them.</param>
    /// <param name="degrees">ν, above 0.</param>
    public static double TwoSided(double t, double degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(degrees);
        return double.IsNaN(t) ? double.NaN
            : double.IsInfinity(t) ? 0
            : RegularizedBeta(degrees / 2, 0.5, degrees / (degrees + (t * t)), t * t / (degrees + (t * t)));
    }

    /// <summary>The t that |T| stays below with a probability: the factor of a two-sided interval.</summary>
    /// <param name="level">The probability, from 0 to below 1.</param>
    /// <param name="degrees">ν, above 0.</param>
    public static double TwoSidedQuantile(double level, double degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, 1);
        (double low, double high) = (0, 1);
        while (TwoSided(high, degrees) > 1 - level)
        {
            (low, high) = (high, 2 * high);
        }

        // The probability falls with t: bisection ends at the last bit.
        while (true)
        {
            double middle = 0.5 * (low + high);
            if (middle <= low || middle >= high)
            {
                return high;
            }

            (low, high) = TwoSided(middle, degrees) > 1 - level ? (middle, high) : (low, middle);
        }
    }

    /// <summary>I_x(a, b), the regularized incomplete beta function, by its continued fraction (DLMF 8.17.22) evaluated from the front (Lentz).</summary>
    private static double RegularizedBeta(double a, double b, double x, double oneMinusX)
    {
        if (x <= 0 || oneMinusX <= 0)
        {
            return x <= 0 ? 0 : 1;
        }

        double front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + (a * Math.Log(x)) + (b * Math.Log(oneMinusX)));

        // The fraction converges quickly on this side of the mean; the other side is the complement.
        return x < (a + 1) / (a + b + 2) ? front * Fraction(a, b, x) / a : 1 - (front * Fraction(b, a, oneMinusX) / b);
    }

    private static double Fraction(double a, double b, double x)
    {
        double d = 1 / NonZero(1 - ((a + b) * x / (a + 1)));
        (double c, double value) = (1, d);
        for (int m = 1; m <= MostTerms; m++)
        {
            double even = m * (b - m) * x / ((a + (2 * m) - 1) * (a + (2 * m)));
            d = 1 / NonZero(1 + (even * d));
            c = NonZero(1 + (even / c));
            value *= d * c;
            double odd = -(a + m) * (a + b + m) * x / ((a + (2 * m)) * (a + (2 * m) + 1));
            d = 1 / NonZero(1 + (odd * d));
            c = NonZero(1 + (odd / c));
            value *= d * c;
            if (Math.Abs((d * c) - 1) < 1e-15)
            {
                break;
            }
        }

        return value;
    }

    private static double NonZero(double value) => Math.Abs(value) < Tiny ? Tiny : value;

    private static double LogGamma(double x)
    {
        double sum = Lanczos[0];
        for (int i = 1; i < Lanczos.Length; i++)
        {
            sum += Lanczos[i] / (x - 1 + i);
        }

        double t = x + 6.5;
        return (0.5 * Math.Log(2 * Math.PI)) + ((x - 0.5) * Math.Log(t)) - t + Math.Log(sum);
    }
}
