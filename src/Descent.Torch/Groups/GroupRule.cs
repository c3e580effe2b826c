using TorchSharp.Modules;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>What connects a parameter group's options, which schedulers and users turn between steps, to a rule.</summary>
internal abstract class GroupRule
{
    /// <summary>The rule as the options stand now: the same object as long as nothing but rate and decay changed.</summary>
    public abstract RuleOptions Current { get; }

    /// <summary>The group's weight decay now.</summary>
    public abstract double WeightDecay { get; }

    /// <summary>What the group adds to the gradient as a multiple of the parameter, beside the rule's own decay.</summary>
    public virtual double L2 => 0;
}

/// <summary>A rule made from TorchSharp's options record <typeparamref name="TOptions"/>.</summary>
/// <typeparam name="TOptions">TorchSharp's options of that optimizer.</typeparam>
/// <typeparam name="TKey">The settings that shape the rule; compared each step, without allocation.</typeparam>
internal sealed class GroupRule<TOptions, TKey>(
    TOptions options, Func<TOptions, TKey> key, Func<TKey, RuleOptions> create, Func<TOptions, double> weightDecay, Func<TOptions, double>? l2 = null)
    : GroupRule
    where TOptions : OptimizerOptions
    where TKey : struct, IEquatable<TKey>
{
    private TKey _key = key(options);
    private RuleOptions _current = weightDecay(options) >= 0
        ? create(key(options))
        : throw new ArgumentException($"The weight decay is {weightDecay(options)}; allowed: at least 0.", nameof(options));

    public override RuleOptions Current
    {
        get
        {
            TKey now = key(options);
            if (!now.Equals(_key))
            {
                (_key, _current) = (now, create(now));
            }

            return _current;
        }
    }

    public override double WeightDecay => weightDecay(options);

    public override double L2 => l2?.Invoke(options) ?? 0;
}

/// <summary>A rule given as such; only <see cref="FusedOptimizer.SetOptions"/> changes its settings.</summary>
internal sealed class FixedRule(RuleOptions rule) : GroupRule
{
    private RuleOptions _rule = rule;
    private double _weightDecay = rule.WeightDecay;

    public override RuleOptions Current => _rule;

    public override double WeightDecay => _weightDecay;

    /// <summary>Other settings of the same rule. A kernel is not asked for anew where only rate and decay change: it gets them every step.</summary>
    public void Set(RuleOptions options)
    {
        _weightDecay = options.WeightDecay;
        if (!(options with { LearningRate = _rule.LearningRate, WeightDecay = _rule.WeightDecay }).Equals(_rule))
        {
            _rule = options;
        }
    }
}

/// <summary>The options of a group whose rule is given as such; TorchSharp's schedulers turn its learning rate.</summary>
internal sealed class FixedRuleOptions : OptimizerOptions
{
    public FixedRuleOptions(RuleOptions rule)
    {
        Rule = new FixedRule(rule);
        LearningRate = InitialLearningRate = rule.LearningRate;
    }

    public FixedRule Rule { get; }
}
