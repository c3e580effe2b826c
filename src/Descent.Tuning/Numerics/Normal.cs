namespace Descent.Tuning;

/// <summary>The standard normal distribution, with logarithms that stay exact far out in the tails.</summary>
internal static class Normal
{
    /// <summary>log(2π)/2.</summary>
    public const double HalfLogTwoPi = 0.918938533204672741780;

    private const double LogTwo = 0.693147180559945309417;
    private const double SqrtTwoPi = 2.506628274631000502416;
    private const double SqrtHalf = 0.707106781186547524401;

    /// <summary>φ(x).</summary>
    public static double Density(double x) => Math.Exp(-0.5 * x * x) / SqrtTwoPi;

    /// <summary>log φ(x).</summary>
    public static double LogDensity(double x) => (-0.5 * x * x) - HalfLogTwoPi;

    /// <summary>Φ(x).</summary>
    public static double Cdf(double x) => 0.5 * ErrorFunction.Complement(-x * SqrtHalf);

    /// <summary>log Φ(x).</summary>
    public static double LogCdf(double x) => x < -1
        ? Math.Log(ErrorFunction.ScaledComplement(-x * SqrtHalf)) - LogTwo - (0.5 * x * x)
        : Log1P(-0.5 * ErrorFunction.Complement(x * SqrtHalf));

    /// <summary>log(Φ(b) − Φ(a)) for a &lt; b.</summary>
    public static double LogMass(double a, double b)
    {
        if (a > 0)
        {
            (a, b) = (-b, -a);
        }

        if (b > 0)
        {
            return Log1P(-Cdf(a) - Cdf(-b));
        }

        double upper = LogCdf(b);
        return double.IsNegativeInfinity(a) ? upper : upper + LogOneMinusExp(LogCdf(a) - upper);
    }

    /// <summary>Φ⁻¹(p) for 0 &lt; p &lt; 1.</summary>
    public static double Quantile(double p) => p <= 0.5 ? LowerQuantile(Math.Log(p)) : -LowerQuantile(Math.Log(1 - p));

    /// <summary>The u-quantile of the standard normal distribution cut to [a, b].</summary>
    public static double TruncatedQuantile(double u, double a, double b)
    {
        if (a + b > 0)
        {
            return -TruncatedQuantile(1 - u, -b, -a); // the lower tail is the one with an exact logarithm
        }

        double lower = LogCdf(a);
        double logProbability = AddExp(lower, Math.Log(u) + LogMass(a, b));
        double x = logProbability <= -LogTwo ? LowerQuantile(logProbability) : -LowerQuantile(LogOneMinusExp(logProbability));
        return Math.Clamp(x, a, b);
    }

    /// <summary>
    /// log(φ(z) + z·Φ(z)), the logarithm of a standard expected improvement, exact where the improvement itself is zero in floating point.
    /// Ament et al., "Unexpected Improvements to Expected Improvement for Bayesian Optimization", 2023 (arXiv 2310.20708), equation 9.
    /// </summary>
    public static double LogImprovement(double z)
    {
        const double halfLogHalfPi = 0.225791352644727432363; // log(π/2)/2
        return z > -1 ? Math.Log(Density(z) + (z * Cdf(z)))
            : z > -1e6 ? LogDensity(z) + LogOneMinusExp(Math.Log(-z * ErrorFunction.ScaledComplement(-z * SqrtHalf)) + halfLogHalfPi)
            : LogDensity(z) - (2 * Math.Log(-z));
    }

    /// <summary>d/dz of <see cref="LogImprovement"/>: Φ(z) / (φ(z) + z·Φ(z)).</summary>
    public static double LogImprovementSlope(double z, double logImprovement) => Math.Exp(LogCdf(z) - logImprovement);

    /// <summary>log(1 − eˣ) for x ≤ 0. Mächler, "Accurately computing log(1 − exp(−|a|))", 2012.</summary>
    private static double LogOneMinusExp(double x) => x > -LogTwo ? Math.Log(-ExpMinus1(x)) : Log1P(-Math.Exp(x));

    /// <summary>log(eᵃ + eᵇ).</summary>
    private static double AddExp(double a, double b)
    {
        double larger = Math.Max(a, b);
        return double.IsNegativeInfinity(larger) ? larger : larger + Log1P(Math.Exp(Math.Min(a, b) - larger));
    }

    /// <summary>log(1 + x) without loss for small x: Kahan's correction of the rounding of 1 + x.</summary>
    private static double Log1P(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>eˣ − 1 without loss for small x: Kahan's correction of the rounding of eˣ.</summary>
    private static double ExpMinus1(double x)
    {
        double exp = Math.Exp(x);
        return exp == 1 ? x : exp < 1e-300 ? -1 : (exp - 1) * (x / Math.Log(exp));
    }

    /// <summary>The x ≤ 0 with log Φ(x) = <paramref name="logProbability"/> ≤ log ½.</summary>
    /// <remarks>
    /// Begins with Abramowitz and Stegun's rational approximation 26.2.23 (error 4.5e-4 for moderate arguments) and ends with Halley's method on log Φ,
    /// which is nearly a parabola in the tail.
    /// </remarks>
    private static double LowerQuantile(double logProbability)
    {
        if (double.IsNegativeInfinity(logProbability))
        {
            return logProbability;
        }

        double t = Math.Sqrt(-2 * logProbability);
        double x = ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308))))))) - t;
        for (int i = 0; i < 4; i++)
        {
            double logCdf = LogCdf(x);
            double error = logCdf - logProbability;
            double hazard = Math.Exp(LogDensity(x) - logCdf);
            double newton = error / hazard;
            x -= newton / (1 + (0.5 * newton * (hazard + x)));
            if (Math.Abs(newton) < 1e-9)
            {
                break; // the next error is its cube
            }
        }

        return x;
    }
}
