namespace Descent.Training.Data;

/// <summary>A table in memory, before standardization.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Features">Features [rows, features].</param>
/// <param name="Labels">Class of every row; empty where a number is predicted.</param>
/// <param name="Values">Number of every row; empty where a class is predicted.</param>
internal sealed record Table(int Rows, double[] Features, long[] Labels, double[] Values);
