namespace Descent.Optimizers;

/// <summary>
/// A rule ready to run. One instance serves one list of parameters: it remembers how they are cut into pieces of work, so give each
/// parameter group its own. Not for use by several threads at once.
/// </summary>
public abstract class UpdateKernel
{
    /// <summary>The widest register to use; every width gives the same bits. Default: the processor's widest.</summary>
    public LaneWidth Width { get; set; }

    /// <summary>Does one step over all parameters in one pass. Allocates nothing once it has seen the same lengths before.</summary>
    /// <param name="slots">Every parameter with its gradient and states; may be empty.</param>
    /// <param name="type">The element type of all of them.</param>
    /// <param name="scalars">Step number, rate and the rest of what changes.</param>
    /// <param name="runner">The threads to use; the result doesn't depend on them.</param>
    /// <exception cref="ArgumentException">A slot lacks a pointer that the rule needs, or has a negative length.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The step number is below 1.</exception>
    public abstract void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner);

    /// <summary>Takes over the settings of another kernel of the same rule and keeps its own plan of work.</summary>
    /// <param name="other">A kernel that no step was done with.</param>
    /// <returns>False where the two are of different kinds; then nothing is changed.</returns>
    internal virtual bool TryAdopt(UpdateKernel other) => false;

    /// <summary>The same formula over any lane, for instance one that wraps a tensor on another device.</summary>
    /// <typeparam name="TLane">The lane.</typeparam>
    /// <param name="p">The parameter.</param>
    /// <param name="g">The raw gradient: the gradient scale and the penalties are applied here.</param>
    /// <param name="state">The states in the order of <see cref="OptimizerOptions.State"/>.</param>
    /// <param name="scalars">Step number, rate and the rest of what changes.</param>
    /// <exception cref="ArgumentException">The number of states is not the rule's.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The step number is below 1.</exception>
    public abstract void Apply<TLane>(ref TLane p, TLane g, Span<TLane> state, in StepScalars scalars) where TLane : struct, ILane<TLane>;

    /// <summary>
    /// Hands the rule structs of one step over, for a backend that compiles them for another device: the plain one first, then the one of exempt tensors.
    /// False, and no call, where the rule is not element-wise.
    /// </summary>
    internal virtual bool TryAccept<TVisitor>(ref TVisitor visitor, in StepScalars scalars) where TVisitor : struct, IRuleVisitor, allows ref struct => false;

    /// <summary>A kernel for an element-wise rule without state.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    /// <param name="options">The options that it comes from.</param>
    /// <param name="create">Makes the rule of one step.</param>
    public static UpdateKernel Stateless<TRule>(OptimizerOptions options, Func<StepScalars, TRule> create)
        where TRule : struct, IUpdateRule0 =>
        new ElementwiseKernel<Stateless<TRule>>(options, scalars => new(create(scalars)));

    /// <summary>A kernel for an element-wise rule with one state.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    /// <param name="options">The options that it comes from.</param>
    /// <param name="create">Makes the rule of one step.</param>
    public static UpdateKernel OneState<TRule>(OptimizerOptions options, Func<StepScalars, TRule> create)
        where TRule : struct, IUpdateRule1 =>
        new ElementwiseKernel<OneState<TRule>>(options, scalars => new(create(scalars)));

    /// <summary>A kernel for an element-wise rule with two states.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    /// <param name="options">The options that it comes from.</param>
    /// <param name="create">Makes the rule of one step.</param>
    public static UpdateKernel TwoStates<TRule>(OptimizerOptions options, Func<StepScalars, TRule> create)
        where TRule : struct, IUpdateRule2 =>
        new ElementwiseKernel<TwoStates<TRule>>(options, scalars => new(create(scalars)));

    /// <summary>A kernel for an element-wise rule with three states.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    /// <param name="options">The options that it comes from.</param>
    /// <param name="create">Makes the rule of one step.</param>
    public static UpdateKernel ThreeStates<TRule>(OptimizerOptions options, Func<StepScalars, TRule> create)
        where TRule : struct, IUpdateRule3 =>
        new ElementwiseKernel<ThreeStates<TRule>>(options, scalars => new(create(scalars)));

    /// <summary>A kernel for an element-wise rule with four states.</summary>
    /// <typeparam name="TRule">The rule.</typeparam>
    /// <param name="options">The options that it comes from.</param>
    /// <param name="create">Makes the rule of one step.</param>
    public static UpdateKernel FourStates<TRule>(OptimizerOptions options, Func<StepScalars, TRule> create)
        where TRule : struct, IUpdateRule4 =>
        new ElementwiseKernel<FourStates<TRule>>(options, scalars => new(create(scalars)));
}
