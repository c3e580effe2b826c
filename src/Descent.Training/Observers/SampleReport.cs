namespace Descent.Training;

/// <summary>Text written by the model at some point of its training.</summary>
/// <param name="Step">Optimizer steps done; 0 is the untrained model.</param>
/// <param name="Prompt">The text it was asked to continue.</param>
/// <param name="Text">What it wrote after the prompt.</param>
public sealed record SampleReport(long Step, string Prompt, string Text);
