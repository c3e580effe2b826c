namespace Descent.Optimizers;

/// <summary>QR and symmetric eigenvalues in plain double: short, slow and accurate.</summary>
internal static class DenseDecompositions
{
    /// <summary>Q of A = QR by Householder's reflections (Golub and Van Loan, "Matrix Computations", 5.2.1); R's diagonal has the sign that falls out, as in LAPACK.</summary>
    public static double[,] Orthonormal(double[,] matrix)
    {
        int rows = matrix.GetLength(0), columns = matrix.GetLength(1);
        double[,] r = (double[,])matrix.Clone();
        double[][] reflections = new double[columns][];
        for (int k = 0; k < columns; k++)
        {
            double[] v = new double[rows];
            double norm = 0;
            for (int i = k; i < rows; i++)
            {
                v[i] = r[i, k];
                norm = Math.Sqrt((norm * norm) + (v[i] * v[i]));
            }

            // LAPACK leaves a column that needs no reflection alone.
            bool needed = k < rows - 1 && norm > 0;
            if (needed)
            {
                v[k] += v[k] >= 0 ? norm : -norm;
            }

            reflections[k] = needed ? v : [];
            if (needed)
            {
                Reflect(r, v, k, k);
            }
        }

        double[,] q = new double[rows, columns];
        for (int k = 0; k < columns; k++)
        {
            q[k, k] = 1;
        }

        for (int k = columns - 1; k >= 0; k--)
        {
            if (reflections[k].Length > 0)
            {
                Reflect(q, reflections[k], k, 0);
            }
        }

        return q;
    }

    /// <summary>
    /// Eigenvalues, ascending, and eigenvectors as columns, by Jacobi's rotations (Golub and Van Loan, 8.5), each until no element beside the diagonal is left.
    /// A matrix that is not finite gives NaN and the identity.
    /// </summary>
    public static (double[] Values, double[,] Vectors) Eigen(double[,] symmetric)
    {
        int n = symmetric.GetLength(0);
        double[,] a = (double[,])symmetric.Clone();
        double[,] v = new double[n, n];
        double size = 0;
        for (int i = 0; i < n; i++)
        {
            v[i, i] = 1;
            for (int j = 0; j < n; j++)
            {
                size += a[i, j] * a[i, j];
            }
        }

        if (!double.IsFinite(size))
        {
            double[] none = new double[n];
            Array.Fill(none, double.NaN);
            return (none, v);
        }

        const int mostSweeps = 60; // quadratic convergence: ten are many
        for (int sweep = 0; sweep < mostSweeps && Beside(a) > 1e-32 * size; sweep++)
        {
            for (int p = 0; p < n - 1; p++)
            {
                for (int q = p + 1; q < n; q++)
                {
                    Rotate(a, v, p, q);
                }
            }
        }

        double[] values = new double[n];
        int[] order = new int[n];
        for (int i = 0; i < n; i++)
        {
            (values[i], order[i]) = (a[i, i], i);
        }

        Array.Sort(values, order);
        double[,] vectors = new double[n, n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                vectors[i, j] = v[i, order[j]];
            }
        }

        return (values, vectors);
    }

    private static double Beside(double[,] a)
    {
        double sum = 0;
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < i; j++)
            {
                sum += 2 * a[i, j] * a[i, j];
            }
        }

        return sum;
    }

    private static void Rotate(double[,] a, double[,] v, int p, int q)
    {
        if (a[p, q] == 0)
        {
            return;
        }

        double tau = (a[q, q] - a[p, p]) / (2 * a[p, q]);
        double t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        double c = 1 / Math.Sqrt(1 + (t * t)), s = t * c;
        int n = a.GetLength(0);
        for (int k = 0; k < n; k++)
        {
            (a[k, p], a[k, q]) = ((c * a[k, p]) - (s * a[k, q]), (s * a[k, p]) + (c * a[k, q]));
        }

        for (int k = 0; k < n; k++)
        {
            (a[p, k], a[q, k]) = ((c * a[p, k]) - (s * a[q, k]), (s * a[p, k]) + (c * a[q, k]));
            (v[k, p], v[k, q]) = ((c * v[k, p]) - (s * v[k, q]), (s * v[k, p]) + (c * v[k, q]));
        }
    }

    /// <summary>(I − 2vvᵀ/vᵀv)·A for the columns from <paramref name="column"/> on; v is zero before <paramref name="first"/>.</summary>
    private static void Reflect(double[,] a, double[] v, int first, int column)
    {
        double square = 0;
        for (int i = first; i < v.Length; i++)
        {
            square += v[i] * v[i];
        }

        for (int j = column; j < a.GetLength(1); j++)
        {
            double dot = 0;
            for (int i = first; i < v.Length; i++)
            {
                dot += v[i] * a[i, j];
            }

            for (int i = first; i < v.Length; i++)
            {
                a[i, j] -= 2 * dot / square * v[i];
            }
        }
    }
}
