namespace Descent.Optimizers;

/// <summary>A setting, other than the learning rate, that is worth searching for a rule.</summary>
/// <param name="Key">Its key in the section <c>optimizer</c> of a run file, such as <c>beta2</c>.</param>
/// <param name="Start">The value to try first.</param>
/// <param name="Values">The values to try, ascending.</param>
public sealed record AdvisedSetting(string Key, double Start, params IReadOnlyList<double> Values);
