namespace Descent.Training.Configuration;

/// <summary>Marks a property whose own keys stand in its parent's section of the run file instead of a section of their own.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class InlineSectionAttribute : Attribute;
