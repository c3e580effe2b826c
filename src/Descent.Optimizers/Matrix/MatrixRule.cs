using System.Runtime.CompilerServices;

namespace Descent.Optimizers;

/// <summary>
/// A rule for matrices, ready to run. A step is three passes: the front pass over memory decays the parameter and prepares the gradient, the rule turns
/// that into a direction with a provider's matrix products, and the last pass moves the parameter. One instance serves one batch.
/// </summary>
public abstract class MatrixRule
{
    /// <summary>
    /// The kernel of the front pass: takes the parameter, the gradient, the states with <see cref="MatrixState.InFront"/>, and as its last state
    /// what the rule shall see. By default that is the gradient as it is.
    /// </summary>
    /// <param name="options">The options: the kernel must carry their <see cref="OptimizerOptions.Maximize"/>.</param>
    public virtual UpdateKernel CreateFront(MatrixOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return UpdateKernel.OneState(new MatrixPass(1) { Maximize = options.Maximize }, static _ => default(KeepGradient));
    }

    /// <summary>Whether a step moves the parameter at all; where not, nothing is decayed either. Default: true.</summary>
    /// <param name="step">The step, counted from 1.</param>
    public virtual bool Moves(long step) => true;

    /// <summary>Updates the states and finds the direction.</summary>
    /// <typeparam name="TMatrix">The provider's batch of matrices.</typeparam>
    /// <param name="provider">Does the products.</param>
    /// <param name="step">Gradient, states and scalars.</param>
    public abstract MatrixMove<TMatrix> Move<TMatrix>(IMatrixProvider<TMatrix> provider, MatrixStep<TMatrix> step) where TMatrix : class;

    /// <summary>The kernel of the last pass: θ ← θ − γ·s·D, with s the gradient scale.</summary>
    internal static UpdateKernel CreateLast() => UpdateKernel.Stateless(new MatrixPass(0), static scalars => new SgdRule(scalars));

    private readonly struct KeepGradient : IUpdateRule1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Update<TLane>(ref TLane p, TLane g, ref TLane prepared) where TLane : struct, ILane<TLane> => prepared = g;
    }
}

/// <summary>Stands for one element-wise pass of a rule for matrices, where kernels ask for options.</summary>
internal sealed record MatrixPass(int StateCount) : OptimizerOptions
{
    public override string Kind => "matrix pass";

    public override bool DecoupledWeightDecay => true;

    public override IReadOnlyList<StateTensor> State { get; } = [.. Enumerable.Range(0, StateCount).Select(static index => new StateTensor($"{index}"))];

    public override UpdateKernel CreateKernel() => throw new NotSupportedException("A pass has no kernel of its own.");
}
