using Descent.Optimizers;
using TorchSharp.Modules;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>Steps the parameters of one group. Each family of rules has a runner of its own.</summary>
internal abstract class GroupRunner(ParamGroup group, GroupRule rule, ParameterState[] parameters)
{
    private double[] _shared = [];
    private IReadOnlyList<(string Name, double InitialValue)> _declared = [];
    private StepScalars? _begun;

    public ParameterState[] Parameters => parameters;

    public RuleOptions Options => rule.Current;

    /// <summary>The rule's options with the group's rate and decay as they stand now.</summary>
    public RuleOptions Settings => rule.Current with { LearningRate = group.LearningRate, WeightDecay = rule.WeightDecay };

    /// <summary>The states that the rule keeps for a parameter.</summary>
    public virtual IReadOnlyList<StateTensor> StatesOf(ParameterState parameter) => rule.Current.State;

    /// <summary>What the rule carries for the whole group.</summary>
    public IEnumerable<(string Name, double Value)> Shared
    {
        get
        {
            Declare(rule.Current);
            return _declared.Select((entry, index) => (entry.Name, _shared[index]));
        }
    }

    /// <summary>Changes the settings of the group's rule; its states stay. False where TorchSharp's options record is what decides them.</summary>
    public bool TrySetOptions(RuleOptions options)
    {
        if (rule is not FixedRule free)
        {
            return false;
        }

        free.Set(options);
        group.LearningRate = options.LearningRate;
        return true;
    }

    public bool TrySetShared(string name, double value)
    {
        Declare(rule.Current);
        for (int i = 0; i < _shared.Length; i++)
        {
            if (_declared[i].Name == name)
            {
                _shared[i] = value;
                return true;
            }
        }

        return false;
    }

    /// <summary>Does a step.</summary>
    /// <param name="request">What it asks for.</param>
    /// <param name="rateFactor">What the group's rate is multiplied by beside the request's common factor.</param>
    /// <param name="threads">The threads.</param>
    public void Step(in StepRequest request, double rateFactor, IParallelRunner threads)
    {
        ForgetParts();
        StepPart(request, rateFactor, threads);
    }

    /// <summary>Ends a step in parts: the next part is the first of another step.</summary>
    public void ForgetParts() => _begun = null;

    /// <summary>
    /// Does a part of a step, for the parameters that are not <see cref="ParameterState.Held"/>. What is the whole group's (its step's number, what it carries) is
    /// decided by the first part.
    /// </summary>
    public void StepPart(in StepRequest request, double rateFactor, IParallelRunner threads)
    {
        RuleOptions options = rule.Current;
        Declare(options);
        long steps = Begin(options, threads);
        if (_begun is not { } scalars)
        {
            _begun = scalars = ScalarsOf(request, rateFactor, steps + 1);
            options.Advance(_shared, scalars);
        }

        Step(options, scalars, threads);
    }

    private StepScalars ScalarsOf(in StepRequest request, double rateFactor, long step) =>
        new()
        {
            Step = step,
            LearningRate = group.LearningRate * request.RateFactor * rateFactor,
            WeightDecay = rule.WeightDecay,
            GradientScale = request.GradientScale,
            ClipValue = request.ClipValue,
            L1 = request.L1,
            L2 = request.L2 + rule.L2,
            Shared = _shared,
        };

    /// <summary>Takes note of the options before anything of a step is computed.</summary>
    /// <returns>The group's steps so far: those of the parameter that was in most of them.</returns>
    protected virtual long Begin(RuleOptions options, IParallelRunner threads)
    {
        long steps = 0;
        foreach (ParameterState parameter in parameters)
        {
            steps = Math.Max(steps, parameter.Step);
        }

        return steps;
    }

    /// <summary>Updates every parameter that has a gradient; <paramref name="scalars"/> has the group's step, each parameter has its own.</summary>
    protected abstract void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads);

    // A changed setting may change what a number would start from; the number itself goes on.
    private static bool SameNames(IReadOnlyList<(string Name, double InitialValue)> a, IReadOnlyList<(string Name, double InitialValue)> b)
    {
        bool same = a.Count == b.Count;
        for (int i = 0; same && i < a.Count; i++)
        {
            same = a[i].Name == b[i].Name;
        }

        return same;
    }

    private void Declare(RuleOptions options)
    {
        IReadOnlyList<(string Name, double InitialValue)> declared = options.SharedState;
        if (!ReferenceEquals(declared, _declared) && !SameNames(declared, _declared))
        {
            _shared = [.. declared.Select(static entry => entry.InitialValue)];
        }

        _declared = declared;
    }
}

/// <summary>What a step is for one parameter.</summary>
internal static class ParameterScalars
{
    /// <summary>With the parameter's own gradient factor; without decay and penalties where it is exempt from them.</summary>
    public static StepScalars For(this in StepScalars scalars, ParameterState parameter)
    {
        StepScalars own = parameter.GradientFactor == 1 ? scalars : scalars with { GradientScale = scalars.GradientScale * parameter.GradientFactor };
        return parameter.Exempt ? own with { WeightDecay = 0, L1 = 0, L2 = 0 } : own;
    }
}
