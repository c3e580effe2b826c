namespace Descent.Tuning;

/// <summary>
/// The complementary error function and its scaled form, by the rational approximations of W. J. Cody, "Rational Chebyshev Approximations for the
/// Error Function", Mathematics of Computation 23 (1969): relative error below 1e-15.
/// </summary>
internal static class ErrorFunction
{
    private const double InverseSqrtPi = 0.564189583547756286948;
    private const double Small = 0.46875; // the borders of Cody's three intervals
    private const double Large = 4;

    private static readonly double[] SmallNumerator = [3.20937758913846947e03, 3.77485237685302021e02, 1.13864154151050156e02, 3.16112374387056560e00, 1.85777706184603153e-1];
    private static readonly double[] SmallDenominator = [2.84423683343917062e03, 1.28261652607737228e03, 2.44024637934444173e02, 2.36012909523441209e01, 1];
    private static readonly double[] MiddleNumerator =
    [
        1.23033935479799725e03, 2.05107837782607147e03, 1.71204761263407058e03, 8.81952221241769090e02, 2.98635138197400131e02, 6.61191906371416295e01,
        8.88314979438837594e00, 5.64188496988670089e-1, 2.15311535474403846e-8,
    ];
    private static readonly double[] MiddleDenominator =
    [
        1.23033935480374942e03, 3.43936767414372164e03, 4.36261909014324716e03, 3.29079923573345963e03, 1.62138957456669019e03, 5.37181101862009858e02,
        1.17693950891312499e02, 1.57449261107098347e01, 1,
    ];
    private static readonly double[] LargeNumerator =
    [
        6.58749161529837803e-4, 1.60837851487422766e-2, 1.25781726111229246e-1, 3.60344899949804439e-1, 3.05326634961232344e-1, 1.63153871373020978e-2,
    ];
    private static readonly double[] LargeDenominator =
    [
        2.33520497626869185e-3, 6.05183413124413191e-2, 5.27905102951428412e-1, 1.87295284992346725e00, 2.56852019228982242e00, 1,
    ];

    /// <summary>erfc(x) = 1 − erf(x).</summary>
    public static double Complement(double x)
    {
        double y = Math.Abs(x);
        if (y <= Small)
        {
            return 1 - OfSmall(x);
        }

        double tail = y > 27.3 ? 0 : Math.Exp(-y * y) * ScaledOfPositive(y); // erfc(27.3) is below the smallest number
        return x < 0 ? 2 - tail : tail;
    }

    /// <summary>erfcx(x) = exp(x²)·erfc(x), for x ≥ 0.</summary>
    public static double ScaledComplement(double x) => x <= Small ? Math.Exp(x * x) * (1 - OfSmall(x)) : ScaledOfPositive(x);

    private static double OfSmall(double x) => x * Polynomial(SmallNumerator, x * x) / Polynomial(SmallDenominator, x * x);

    private static double ScaledOfPositive(double y)
    {
        if (y <= Large)
        {
            return Polynomial(MiddleNumerator, y) / Polynomial(MiddleDenominator, y);
        }

        double z = 1 / (y * y);
        return (InverseSqrtPi - (z * Polynomial(LargeNumerator, z) / Polynomial(LargeDenominator, z))) / y;
    }

    /// <summary>Horner's scheme over coefficients from the constant upwards.</summary>
    private static double Polynomial(double[] coefficients, double x)
    {
        double sum = coefficients[^1];
        for (int i = coefficients.Length - 2; i >= 0; i--)
        {
            sum = (sum * x) + coefficients[i];
        }

        return sum;
    }
}
