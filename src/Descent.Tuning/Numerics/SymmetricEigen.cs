namespace Descent.Tuning;

/// <summary>
/// Eigenvalues and eigenvectors of a small symmetric matrix by Jacobi's cyclic method (Golub and Van Loan, "Matrix Computations", section 8.5): slower than
/// tridiagonalisation for hundreds of rows, as accurate as can be, and one screen.
/// </summary>
internal static class SymmetricEigen
{
    private const int MaximalSweeps = 50; // the method converges quadratically: about 6 to 10 are needed

    /// <summary>A = V·diag(λ)·Vᵀ.</summary>
    /// <param name="matrix">Symmetric, row by row, n×n.</param>
    /// <param name="values">λ, in no particular order.</param>
    /// <param name="vectors">V, row by row: column j belongs to λⱼ.</param>
    public static void Decompose(ReadOnlySpan<double> matrix, Span<double> values, Span<double> vectors)
    {
        int n = values.Length;
        double[] a = matrix.ToArray();
        vectors.Clear();
        for (int i = 0; i < n; i++)
        {
            vectors[(i * n) + i] = 1;
        }

        for (int sweep = 0; sweep < MaximalSweeps && OffDiagonal(a, n) > 1e-30 * SquaredNorm(a); sweep++)
        {
            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, vectors, n, p, q);
                }
            }
        }

        for (int i = 0; i < n; i++)
        {
            values[i] = a[(i * n) + i];
        }
    }

    private static void Rotate(double[] a, Span<double> vectors, int n, int p, int q)
    {
        double apq = a[(p * n) + q];
        if (apq == 0)
        {
            return;
        }

        double theta = (a[(q * n) + q] - a[(p * n) + p]) / (2 * apq);
        double t = (theta >= 0 ? 1 : -1) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        double c = 1 / Math.Sqrt((t * t) + 1);
        double s = t * c;
        for (int k = 0; k < n; k++)
        {
            (a[(k * n) + p], a[(k * n) + q]) = ((c * a[(k * n) + p]) - (s * a[(k * n) + q]), (s * a[(k * n) + p]) + (c * a[(k * n) + q]));
        }

        for (int k = 0; k < n; k++)
        {
            (a[(p * n) + k], a[(q * n) + k]) = ((c * a[(p * n) + k]) - (s * a[(q * n) + k]), (s * a[(p * n) + k]) + (c * a[(q * n) + k]));
            (vectors[(k * n) + p], vectors[(k * n) + q]) =
                ((c * vectors[(k * n) + p]) - (s * vectors[(k * n) + q]), (s * vectors[(k * n) + p]) + (c * vectors[(k * n) + q]));
        }
    }

    private static double OffDiagonal(double[] a, int n)
    {
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < i; j++)
            {
                sum += a[(i * n) + j] * a[(i * n) + j];
            }
        }

        return sum;
    }

    private static double SquaredNorm(double[] a)
    {
        double sum = 0;
        foreach (double value in a)
        {
            sum += value * value;
        }

        return sum;
    }
}
