namespace Descent.Training.Data;

/// <summary>The column to predict.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Index">Its place in the file, from 0.</param>
/// <param name="Classes">Class names by number; null where a number is predicted.</param>
internal sealed record TableTarget(string Name, int Index, IReadOnlyList<string>? Classes);
