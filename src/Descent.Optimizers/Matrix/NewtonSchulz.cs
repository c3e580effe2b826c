namespace Descent.Optimizers;

/// <summary>
/// The nearest semi-orthogonal matrix of X, roughly, by matrix products alone: X ← aX + (bA + cA²)X with A = XXᵀ, which is an odd polynomial of the singular
/// values. Muon's coefficients reach about 0.7 to 1.2 from anything above 10⁻³ in five steps.
/// </summary>
internal static class NewtonSchulz
{
    /// <summary>Scales X to a Frobenius norm of 1, in place, and drives its singular values towards 1.</summary>
    /// <param name="m">Does the products.</param>
    /// <param name="x">X; overwritten.</param>
    /// <param name="coefficients">a, b and c.</param>
    /// <param name="steps">How often.</param>
    /// <param name="epsilon">The least norm that is divided by.</param>
    /// <returns>A matrix of X's shape.</returns>
    public static TMatrix Orthogonalize<TMatrix>(
        IMatrixProvider<TMatrix> m, TMatrix x, (double A, double B, double C) coefficients, int steps, double epsilon)
        where TMatrix : class
    {
        double[] factors = m.Dots(x, x, MatrixAxis.Whole);
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] = 1 / Math.Max(Math.Sqrt(factors[i]), epsilon);
        }

        m.Scale(x, factors, MatrixAxis.Whole);

        // The products are square in the smaller side.
        (_, long rows, long columns) = m.ShapeOf(x);
        bool tall = rows > columns;
        TMatrix y = tall ? m.Transpose(x) : x;
        for (int step = 0; step < steps; step++)
        {
            TMatrix gram = m.Multiply(y, m.Transpose(y));
            TMatrix polynomial = m.MultiplyAdd(coefficients.B, gram, coefficients.C, gram, gram);
            m.Release(gram);
            TMatrix next = m.MultiplyAdd(coefficients.A, y, 1, polynomial, y);
            m.Release(polynomial);
            if (step > 0)
            {
                m.Release(y);
            }

            y = next;
        }

        return tall ? m.Transpose(y) : y;
    }
}
