namespace Descent.Optimizers.Tests.Matrix;

/// <summary>Matrices as people write them, in double: what oracles are made of.</summary>
internal static class MatrixOracle
{
    public static double[,] Numbers(int seed, int rows, int columns)
    {
        var random = new Random(seed);
        double[,] a = new double[rows, columns];
        Each(a, (i, j) => a[i, j] = random.NextDouble() - 0.5);
        return a;
    }

    public static double[,] Times(double[,] a, double[,] b)
    {
        double[,] c = new double[a.GetLength(0), b.GetLength(1)];
        Each(c, (i, j) =>
        {
            for (int k = 0; k < a.GetLength(1); k++)
            {
                c[i, j] += a[i, k] * b[k, j];
            }
        });
        return c;
    }

    public static double[,] Transposed(double[,] a) => Map(a.GetLength(1), a.GetLength(0), (i, j) => a[j, i]);

    public static double[,] Sum(double x, double[,] a, double y, double[,] b) => Map(a.GetLength(0), a.GetLength(1), (i, j) => (x * a[i, j]) + (y * b[i, j]));

    public static double[,] Map(int rows, int columns, Func<int, int, double> element)
    {
        double[,] a = new double[rows, columns];
        Each(a, (i, j) => a[i, j] = element(i, j));
        return a;
    }

    public static double Norm(double[,] a)
    {
        double sum = 0;
        Each(a, (i, j) => sum += a[i, j] * a[i, j]);
        return Math.Sqrt(sum);
    }

    public static double[] Flat(double[,] a) => [.. a.Cast<double>()];

    public static double[,] Identity(int n) => Map(n, n, static (i, j) => i == j ? 1 : 0);

    public static double Distance(double[,] a, ReadOnlySpan<double> b)
    {
        double most = 0;
        int place = 0;
        foreach (double element in a)
        {
            most = Math.Max(most, Math.Abs(element - b[place++]));
        }

        return most;
    }

    private static void Each(double[,] a, Action<int, int> visit)
    {
        for (int i = 0; i < a.GetLength(0); i++)
        {
            for (int j = 0; j < a.GetLength(1); j++)
            {
                visit(i, j);
            }
        }
    }
}
