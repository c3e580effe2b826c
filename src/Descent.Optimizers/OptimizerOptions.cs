using System.Runtime.Serialization;
using System.Text;

namespace Descent.Optimizers;

/// <summary>
/// The settings of an update rule: an immutable record that says which state the rule keeps and makes the kernel that runs it.
/// Derive from it to write a rule of your own.
/// </summary>
/// <remarks>Symbols: θ or p parameter, g gradient, γ learning rate, λ weight decay, t the step, counted from 1.</remarks>
public abstract record OptimizerOptions
{
    /// <summary>The rule's name in <see cref="OptimizerCatalog"/>, run files and checkpoints.</summary>
    public abstract string Kind { get; }

    /// <summary>γ, at least 0. The default is the rule's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double LearningRate { get; init => field = Require.AtLeastZero(value); }

    /// <summary>λ, at least 0. The default is the rule's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or not finite.</exception>
    public double WeightDecay { get; init => field = Require.AtLeastZero(value); }

    /// <summary>Climb instead of descend: the gradient is negated before penalties are added. Default: false, as in PyTorch.</summary>
    public bool Maximize { get; init; }

    /// <summary>
    /// How states are stored; the key <c>state</c> of a run file. For element-wise rules. Where names and roles are known, tensors below 4,096 elements and embeddings
    /// stay in full precision. Default: <see cref="StateFormat.Float32"/>.
    /// </summary>
    [DataMember(Name = "state")]
    public StateFormat StateFormat { get; init; }

    /// <summary>
    /// Whether weight decay shrinks the parameter itself, θ ← (1 − γλ)·θ before the rule, instead of adding λ·θ to the gradient.
    /// Default: false.
    /// </summary>
    public virtual bool DecoupledWeightDecay => false;

    /// <summary>
    /// Whether the rule applies <see cref="StepScalars.WeightDecay"/> itself, at a place of its own in the formula: nothing is decayed before it then, and
    /// tensors that are exempt give it a decay of 0. Default: false.
    /// </summary>
    public virtual bool OwnWeightDecay => false;

    /// <summary>What the update of one element looks at: the element, its tensor, or its whole group. Default: the element.</summary>
    public virtual UpdateScope Scope => UpdateScope.Element;

    /// <summary>
    /// Where the model is to be measured and saved, for rules that train at another point than they converge at; null where that is the parameter itself.
    /// Default: null.
    /// </summary>
    public virtual EvaluationPoint? EvaluationPoint => null;

    /// <summary>
    /// Whether the rule updates hidden matrices only, as Muon does: embeddings, head, norms and biases take <see cref="Companion"/>, and there is no
    /// element-wise kernel. Default: false.
    /// </summary>
    public virtual bool MatricesOnly => false;

    /// <summary>
    /// The rule, with a rate and a decay of its own, for the parameters that a rule with <see cref="MatricesOnly"/> leaves out; null for all other rules.
    /// Default: null.
    /// </summary>
    public virtual OptimizerOptions? Companion => null;

    /// <summary>The state tensors, each as long as its parameter, in the order in which the rule takes them; at most four for an element-wise rule.</summary>
    public abstract IReadOnlyList<StateTensor> State { get; }

    /// <summary>
    /// Numbers that the rule carries from step to step for a whole group, such as a sum of weights: their names and what they start as. Default: none.
    /// </summary>
    public virtual IReadOnlyList<(string Name, double InitialValue)> SharedState => [];

    /// <summary>Brings <see cref="SharedState"/> forward, once a step, before any parameter of the group is updated.</summary>
    /// <param name="shared">The numbers in the order of <see cref="SharedState"/>, updated in place.</param>
    /// <param name="scalars">The step that begins; its number is the group's.</param>
    public virtual void Advance(Span<double> shared, in StepScalars scalars)
    {
    }

    /// <summary>A kernel that runs this rule over one list of parameters.</summary>
    public abstract UpdateKernel CreateKernel();

    /// <summary>The scalars of one step at these options' own rate and decay.</summary>
    /// <param name="step">The step, counted from 1.</param>
    public StepScalars Scalars(long step) => new() { Step = step, LearningRate = LearningRate, WeightDecay = WeightDecay };

    /// <summary>Lists the settings, leaving out what follows from them.</summary>
    /// <param name="builder">Receives the text.</param>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Append("LearningRate = ").Append(LearningRate).Append(", WeightDecay = ").Append(WeightDecay);
        if (Maximize)
        {
            builder.Append(", Maximize = true");
        }

        if (StateFormat != StateFormat.Float32)
        {
            builder.Append(", StateFormat = ").Append(StateFormat);
        }

        return true;
    }
}
