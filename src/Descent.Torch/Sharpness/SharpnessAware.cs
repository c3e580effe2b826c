using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// Sharpness-aware minimization around any optimizer: the gradient of a step is taken at θ + ρ·g/‖g‖, the steepest point within reach, and applied at θ.
/// Foret, Kleiner, Mobahi and Neyshabur, "Sharpness-Aware Minimization for Efficiently Improving Generalization", 2021, algorithm 1. The adaptive form climbs by
/// ρ·T²g/‖Tg‖ with T = |θ| + η: Kwon et al., "ASAM", 2021, algorithm 1.
/// </summary>
/// <remarks>
/// A step costs two passes of the model and a copy of the parameters, from which they come back bit for bit. Deviation from ASAM's authors' code: η is added for
/// all tensors, not for weights alone.
/// </remarks>
/// <example><code>
/// using var sharpness = new SharpnessAware(optimizer, rho: 0.05);
/// Tensor loss = sharpness.Step(() =&gt;
/// {
///     optimizer.zero_grad();
///     Tensor loss = model.call(x).sub(y).square().mean();
///     loss.backward();
///     return loss;
/// });
/// </code></example>
public sealed class SharpnessAware : IDisposable
{
    private readonly FusedOptimizer _optimizer;
    private readonly double _rho;
    private readonly double? _eta;
    private readonly ScaledNorm _singleNorm = new();
    private readonly ScaledNorm _doubleNorm = new();
    private readonly UpdateKernel _singleClimb;
    private readonly UpdateKernel _doubleClimb;
    private readonly Dictionary<string, Tensor> _copies = new(StringComparer.Ordinal);
    private readonly List<ParameterState> _moved = [];

    /// <summary>Wraps an optimizer, which stays the caller's.</summary>
    /// <param name="optimizer">The optimizer: any rules, any groups.</param>
    /// <param name="rho">ρ, at least 0. Default 0.05 (the paper's); for the adaptive form 0.5 to 2.</param>
    /// <param name="adaptive">Whether to climb as ASAM does.</param>
    /// <param name="eta">η of the adaptive form, at least 0. Default 0.01 (Kwon et al.).</param>
    /// <exception cref="ArgumentOutOfRangeException">ρ or η is negative or not finite.</exception>
    public SharpnessAware(FusedOptimizer optimizer, double rho = 0.05, bool adaptive = false, double eta = 0.01)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        _optimizer = optimizer;
        _rho = double.IsFinite(rho) && rho >= 0 ? rho : throw new ArgumentOutOfRangeException(nameof(rho), rho, $"rho is {rho}; allowed: a finite number of at least 0");
        _eta = !adaptive ? null
            : double.IsFinite(eta) && eta >= 0 ? eta : throw new ArgumentOutOfRangeException(nameof(eta), eta, $"eta is {eta}; allowed: a finite number of at least 0");
        _singleClimb = CreateClimb();
        _doubleClimb = CreateClimb();
    }

    /// <summary>One step: gradient, climb, gradient there, back, update.</summary>
    /// <param name="closure">Clears the gradients, runs the model and backward, and returns the loss; called twice, and to be the same function both times, dropout included.</param>
    /// <param name="request">What the step asks for. Default: a plain step.</param>
    /// <returns>The loss of the first call.</returns>
    public Tensor Step(Func<Tensor> closure, StepRequest? request = null)
    {
        ArgumentNullException.ThrowIfNull(closure);
        using IDisposable gradients = enable_grad();
        Tensor loss = closure();
        Climb();
        try
        {
            closure();
        }
        finally
        {
            Return();
        }

        _optimizer.Step(request ?? new StepRequest());
        return loss;
    }

    /// <summary>Moves the parameters to where their gradients point, and keeps a copy of what they were. Gradients of another scale climb to the same point.</summary>
    /// <returns>What the norm's pass found; with a non-finite gradient nothing moves.</returns>
    /// <exception cref="InvalidOperationException">They are up already.</exception>
    public GradientReport Climb()
    {
        if (_moved.Count > 0)
        {
            throw new InvalidOperationException("The parameters have climbed already; call Return() before the next Climb().");
        }

        GradientReport report = _optimizer.GlobalGradientNorm();
        if (report.NonFinite is not null)
        {
            return report;
        }

        using IDisposable noGrad = no_grad();
        GradientSlots slots = _optimizer.GatherWithParameters();
        double norm = _eta is { } eta ? ScaledNorm(slots, eta) : report.Norm;
        foreach (ParameterState parameter in slots.All)
        {
            if (!_copies.TryGetValue(parameter.Name, out Tensor? copy))
            {
                _copies[parameter.Name] = copy = empty_like(parameter.Parameter).DetachFromDisposeScope();
            }

            copy.copy_(parameter.Parameter);
            _moved.Add(parameter);
        }

        if (norm > 0)
        {
            Move(slots, _rho / norm);
        }

        return report;
    }

    /// <summary>Puts the parameters back where they were before <see cref="Climb"/>, bit for bit. Their gradients stay.</summary>
    public void Return()
    {
        using IDisposable noGrad = no_grad();
        foreach (ParameterState parameter in _moved)
        {
            parameter.Parameter.copy_(_copies[parameter.Name]);
        }

        _moved.Clear();
    }

    /// <summary>Frees the copies.</summary>
    public void Dispose()
    {
        foreach (Tensor copy in _copies.Values)
        {
            copy.Dispose();
        }

        _copies.Clear();
    }

    // θ + c·g is a step of plain descent at the rate −c.
    private UpdateKernel CreateClimb() => _eta is { } eta
        ? AdaptiveClimbRule.CreateKernel(eta)
        : UpdateKernel.Stateless(new SgdOptions(), static scalars => new SgdRule(scalars with { LearningRate = -scalars.LearningRate }));

    private double ScaledNorm(GradientSlots slots, double eta)
    {
        double sum = _singleNorm.SumOfSquares(slots.Singles.Slots, slots.Singles.Type, eta, _optimizer.Threads)
            + _doubleNorm.SumOfSquares(slots.Doubles.Slots, slots.Doubles.Type, eta, _optimizer.Threads);
        foreach (ParameterState parameter in slots.Others)
        {
            using DisposeScope scope = NewDisposeScope();
            sum += Size(parameter, eta).mul(Dense(parameter)).square().sum(ScalarType.Float64).item<double>();
        }

        return Math.Sqrt(sum);
    }

    private void Move(GradientSlots slots, double rate)
    {
        var scalars = new StepScalars { LearningRate = rate };
        _singleClimb.Update(slots.Singles.Slots, slots.Singles.Type, scalars, _optimizer.Threads);
        _doubleClimb.Update(slots.Doubles.Slots, slots.Doubles.Type, scalars, _optimizer.Threads);
        using Scalar factor = rate.ToScalar();
        foreach (ParameterState parameter in slots.Others)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor gradient = Dense(parameter);
            Tensor direction = _eta is { } eta ? Size(parameter, eta).square().mul(gradient) : gradient;
            parameter.Parameter.copy_(parameter.Parameter.to(direction.dtype).add(direction, factor));
        }
    }

    private static Tensor Size(ParameterState parameter, double eta)
    {
        using Scalar shift = eta.ToScalar();
        return parameter.Parameter.to(Wide(parameter)).abs().add(shift);
    }

    private static Tensor Dense(ParameterState parameter)
    {
        Tensor gradient = parameter.Parameter.grad!;
        return (gradient.is_sparse ? gradient.to_dense() : gradient).to(Wide(parameter));
    }

    private static ScalarType Wide(ParameterState parameter) => parameter.Parameter.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
}
