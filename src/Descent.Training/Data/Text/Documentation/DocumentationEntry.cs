namespace Descent.Training.Data;

/// <summary>What is documented about one type or member, in plain text.</summary>
/// <param name="Type">The type that it is or belongs to: entries of one type stay together.</param>
/// <param name="Signature">Its name as people write it.</param>
/// <param name="Summary">What it is or does, in sentences.</param>
/// <param name="Details">One line a parameter, then the result and the remarks, as far as they are documented.</param>
internal readonly record struct DocumentationEntry(string Type, string Signature, string Summary, IReadOnlyList<string> Details);
