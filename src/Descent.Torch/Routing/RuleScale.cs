namespace Descent.Torch;

/// <summary>How a rule's settings follow from those of the run for some of a group's parameters.</summary>
/// <param name="Part">What the parameters are called in the table and in saved states, after their group: <c>main-hidden</c>; null: the group's own name.</param>
/// <param name="RateFactor">Multiplies the learning rate, and divides a weight decay, so that γλ, the part of a weight that a step takes away, stays.</param>
/// <param name="EpsilonFactor">Multiplies the ε that is added to the root of squared gradients.</param>
public sealed record RuleScale(string? Part, double RateFactor, double EpsilonFactor)
{
    /// <summary>Settings as they are.</summary>
    public static RuleScale None { get; } = new(null, 1, 1);
}
