using System.Globalization;
using Descent.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>
/// Any rule of Descent, or of your own, as a <see cref="optim.Optimizer"/>: one fused pass over all parameters of a group. Works with
/// TorchSharp's schedulers, parameter groups, <c>zero_grad</c> and state dictionaries.
/// </summary>
/// <remarks>
/// <para>States and step counts belong to a parameter's name. A parameter without a gradient is left out of a step and its step count
/// stays, as in PyTorch. A parameter that occurs twice in a group (tied weights) is updated once.</para>
/// <para>Kernels serve float and double parameters in contiguous CPU memory, and with Descent.Gpu registered float ones on a card; everything else takes
/// the same formula through libtorch's operators, or through a copy where a rule sums over tensors (<see cref="PathOf"/> tells). After a first step, a step over served parameters allocates nothing.</para>
/// <para>Kernels write parameters without autograd's notice: don't run backward through a graph built before the step.</para>
/// <para>Not for use by several threads at once.</para>
/// </remarks>
/// <example><code>
/// using var optimizer = FusedOptimizer.Create(model.named_parameters(), new AdamWOptions { LearningRate = 3e-4 });
/// loss.backward();
/// optimizer.step();
/// </code></example>
public abstract partial class FusedOptimizer : OptimizerHelper
{
    private readonly Func<ParamGroup, GroupRule> _bind;
    private readonly List<GroupRunner> _runners = [];
    private readonly List<string> _groupNames = [];
    private readonly Dictionary<string, ParameterState> _byName = new(StringComparer.Ordinal);

    private protected FusedOptimizer(Func<ParamGroup, GroupRule> bind)
    {
        DescentNative.EnsureLoaded();
        _bind = bind;
        _parameter_groups = [];
    }

    /// <summary>The threads of the kernels; results don't depend on them. Default: <see cref="WorkerPool.Shared"/>.</summary>
    public IParallelRunner Threads { get; set; } = WorkerPool.Shared;

    /// <summary>The names of all parameters, in order.</summary>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>
    /// Every state tensor there is: the live tensors, to save or to look at, not to dispose. A parameter has none before its first step.
    /// </summary>
    public IEnumerable<(string Parameter, string State, Tensor Value)> States =>
        _byName.Values.SelectMany(parameter => parameter.Tensors.Select(pair => (parameter.Name, pair.State, pair.Value)));

    /// <summary>An optimizer over one group.</summary>
    /// <param name="parameters">The parameters with their names.</param>
    /// <param name="options">The rule and its options.</param>
    public static FusedOptimizer Create(IEnumerable<(string Name, Parameter Parameter)> parameters, RuleOptions options) =>
        Create([new FusedGroup(parameters, options)]);

    /// <summary>An optimizer over groups, each with a rule, a learning rate and a weight decay of its own.</summary>
    /// <param name="groups">The groups; at least one.</param>
    /// <exception cref="ArgumentException">There is no group, a name occurs twice, or a parameter is in two groups or of an integer or complex type.</exception>
    public static FusedOptimizer Create(IEnumerable<FusedGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var optimizer = new AnyRule();
        foreach (FusedGroup group in groups)
        {
            optimizer.Add(group);
        }

        return optimizer._runners.Count > 0
            ? optimizer
            : throw new ArgumentException("There is no parameter group; give at least one.", nameof(groups));
    }

    /// <summary>
    /// Adds a group, for instance of layers that begin to train later. A rule for matrices only (<see cref="RuleOptions.MatricesOnly"/>) makes two groups of it: hidden
    /// matrices by role, or by shape where no role is known, and the rest under its companion.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or a parameter is in two groups or of an integer or complex type.</exception>
    public void Add(FusedGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(group.Options);
        foreach (FusedGroup part in MatrixSplit.Of(group))
        {
            var rule = new FixedRuleOptions(part.Options);
            Add(new ParamGroup { Options = rule }, rule.Rule, part.Parameters, part);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Options left open are the optimizer's own. Its parameters are named by their number.</remarks>
    public override void add_param_group(ParamGroup param_group)
    {
        ArgumentNullException.ThrowIfNull(param_group);
        int next = _byName.Count;
        Add(param_group, param_group.Parameters.Select((parameter, index) => ($"{next + index}", parameter)));
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    /// <param name="closure">Evaluates the model again and returns the loss, with gradients on. Optional.</param>
    /// <returns>The closure's loss, or null.</returns>
    public override Tensor step(Func<Tensor>? closure = null)
    {
        Tensor? loss = null;
        if (closure is not null)
        {
            using var gradients = enable_grad();
            loss = closure();
        }

        Step(new StepRequest());
        return loss!;
    }

    /// <summary>Updates every parameter that has a gradient, with a schedule's factor, a gradient scale and elastic penalties.</summary>
    /// <param name="request">What this step asks for.</param>
    public void Step(in StepRequest request)
    {
        RequireFactors(request);
        SetFactors(request.Factors);
        for (int i = 0; i < _runners.Count; i++)
        {
            _runners[i].Step(request, request.GroupRateFactors?[i] ?? 1, Threads);
        }
    }

    /// <summary>The names of the groups, in order; a group without a name has its number.</summary>
    public IReadOnlyList<string> GroupNames => _groupNames;

    /// <summary>
    /// Changes a group's settings between steps: rate, decay, betas, anything that the rule takes. States and step counts stay, and so do the kernels' plans. Bias
    /// corrections are those of the present betas, 1 − βᵗ, as in PyTorch when a scheduler turns them.
    /// </summary>
    /// <param name="group">The group's name.</param>
    /// <param name="options">The settings, of the same rule.</param>
    /// <exception cref="KeyNotFoundException">There is no such group.</exception>
    /// <exception cref="ArgumentException">The rule is another one, or TorchSharp's options decide the group's settings.</exception>
    public void SetOptions(string group, RuleOptions options)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(options);
        int index = _groupNames.IndexOf(group);
        if (index < 0)
        {
            throw new KeyNotFoundException($"There is no group '{group}'; there are: {string.Join(", ", _groupNames)}.");
        }

        if (options.GetType() != _runners[index].Options.GetType())
        {
            throw new ArgumentException(
                $"Group '{group}' is updated by '{_runners[index].Options.Kind}', the settings are of '{options.Kind}'; make a new optimizer for another rule.", nameof(options));
        }

        if (!_runners[index].TrySetOptions(options))
        {
            throw new ArgumentException($"Group '{group}' has TorchSharp's options; change those in ParamGroups.", nameof(group));
        }
    }

    /// <summary>How many steps a parameter has had.</summary>
    /// <param name="parameter">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public long StepOf(string parameter) => Find(parameter).Step;

    /// <summary>Sets how many steps a parameter has had, to resume.</summary>
    /// <param name="parameter">Its name.</param>
    /// <param name="step">Steps, at least 0.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public void SetStep(string parameter, long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        Find(parameter).Step = step;
    }

    /// <summary>Overwrites a state with a copy, to resume.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="state">The state's name, such as <c>exp_avg</c>.</param>
    /// <param name="value">Its values, of the parameter's shape.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    /// <exception cref="ArgumentException">Its rule has no such state, or the shape is another.</exception>
    public void SetState(string parameter, string state, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        ParameterState found = Find(parameter);
        found.Declare(_runners.First(runner => runner.Parameters.Contains(found)).StatesOf(found));
        found.Set(state, value);
    }

    /// <summary>
    /// The numbers that rules carry for a whole group (<see cref="RuleOptions.SharedState"/>), by the group's name, or its number where it has none,
    /// and their own: <c>group/name</c>.
    /// </summary>
    public IEnumerable<(string Name, double Value)> SharedStates =>
        _runners.SelectMany((runner, group) => runner.Shared.Select(entry => ($"{_groupNames[group]}/{entry.Name}", entry.Value)));

    /// <summary>Sets a number of <see cref="SharedStates"/>, to resume.</summary>
    /// <param name="name">Its name as listed there; the group's number stands for its name, as earlier versions wrote it.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="KeyNotFoundException">There is no such number.</exception>
    public void SetSharedState(string name, double value)
    {
        ArgumentNullException.ThrowIfNull(name);
        int slash = name.LastIndexOf('/');
        int group = slash < 0 ? -1 : _groupNames.IndexOf(name[..slash]);
        if (group < 0 && slash > 0 && int.TryParse(name[..slash], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            group = number;
        }

        if (group < 0 || group >= _runners.Count || !_runners[group].TrySetShared(name[(slash + 1)..], value))
        {
            throw new KeyNotFoundException(
                $"There is no shared state '{name}'; there are: {string.Join(", ", SharedStates.Select(entry => entry.Name).DefaultIfEmpty("none"))}.");
        }
    }

    /// <summary>How a parameter was updated in the last step.</summary>
    /// <param name="parameter">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no such parameter.</exception>
    public UpdatePath PathOf(string parameter) => Find(parameter).Path;

    /// <summary>
    /// Goes over to the parameters that <c>model.to(…)</c> put in place of the old ones; states follow to their device and type.
    /// </summary>
    /// <param name="parameters">The model's parameters under their names; names that this optimizer doesn't have are passed over.</param>
    /// <exception cref="ArgumentException">A parameter has another shape.</exception>
    public void Rebind(IEnumerable<(string Name, Parameter Parameter)> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (name, parameter) in parameters)
        {
            if (_byName.TryGetValue(name, out ParameterState? state))
            {
                state.Rebind(parameter);
            }
        }

        _state.clear();
        foreach (var (group, runner) in _parameter_groups.Zip(_runners))
        {
            Register(group, runner);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (ParameterState parameter in _byName.Values)
            {
                parameter.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    /// <summary>What TorchSharp's save_state_dict calls an optimizer of <see cref="Create(IEnumerable{FusedGroup})"/>.</summary>
    internal static string AnyRuleName => nameof(AnyRule);

    /// <summary>Adds a group under TorchSharp's options; those left open are the optimizer's own.</summary>
    internal void Add(ParamGroup group, IEnumerable<(string Name, Parameter Parameter)> parameters) => Add(group, _bind(group), parameters);

    private void Add(
        ParamGroup group, GroupRule rule, IEnumerable<(string Name, Parameter Parameter)> parameters, FusedGroup? facts = null)
    {
        string groupName = facts?.Name ?? $"{_runners.Count}";
        if (_groupNames.Contains(groupName))
        {
            throw new ArgumentException($"Two groups are named '{groupName}'; names must differ.", nameof(facts));
        }

        var owners = _byName.Values.ToDictionary(state => ParameterIdentity.Of(state.Parameter), state => state.Name);
        var added = new List<ParameterState>();
        var here = new HashSet<nint>();
        foreach (var (name, parameter) in parameters)
        {
            if (owners.TryGetValue(ParameterIdentity.Of(parameter), out string? owner))
            {
                throw new ArgumentException($"Parameter '{name}' is in an earlier group as '{owner}'; each belongs to one group.", nameof(parameters));
            }

            if (!parameter.is_floating_point())
            {
                throw new ArgumentException($"Parameter '{name}' is of type {parameter.dtype}; floating point types are served.", nameof(parameters));
            }

            if (here.Add(ParameterIdentity.Of(parameter)))
            {
                added.Add(Describe(name, parameter, facts));
            }
        }

        foreach (ParameterState state in added)
        {
            if (!_byName.TryAdd(state.Name, state))
            {
                throw new ArgumentException($"Two parameters are named '{state.Name}'; names must differ.", nameof(parameters));
            }
        }

        GroupRunner runner = rule.Current is MatrixOptions ? new MatrixRunner(group, rule, [.. added])
            : rule.Current.Scope == UpdateScope.Element ? new ElementwiseRunner(group, rule, [.. added])
            : new ReductionRunner(group, rule, [.. added]);
        added.ForEach(state => state.Runner = runner);
        Request(_format, runner);
        Place(_storage, runner);
        _parameter_groups.Add(group);
        _runners.Add(runner);
        _groupNames.Add(groupName);
        Register(group, runner);
    }

    private static ParameterState Describe(string name, Parameter parameter, FusedGroup? facts)
    {
        if (facts is null)
        {
            return new ParameterState(name, parameter);
        }

        long rows = parameter.dim() > 0 ? parameter.shape[0] : 0;
        if (facts.StackedRows.TryGetValue(name, out long[]? stacked) && stacked.Sum() != rows)
        {
            throw new ArgumentException(
                $"The stacked rows of '{name}' are {string.Join(" + ", stacked)}; they must add up to its {rows} rows.", nameof(facts));
        }

        return new ParameterState(name, parameter)
        {
            Exempt = facts.Exempt.Contains(name),
            Role = facts.Roles.TryGetValue(name, out ParameterRole role) ? role : null,
            StackedRows = stacked is { Length: > 1 } ? stacked : null,
            HeadRows = facts.HeadRows.GetValueOrDefault(name),
        };
    }

    // TorchSharp's base class reads its groups' parameters and looks their states up by handle.
    private void Register(ParamGroup group, GroupRunner runner)
    {
        group.Parameters = [.. runner.Parameters.Select(state => state.Parameter)];
        foreach (ParameterState state in runner.Parameters)
        {
            _state[state.Parameter.Handle] = state;
        }
    }

    private ParameterState Find(string name) =>
        _byName.TryGetValue(name, out ParameterState? state)
            ? state
            : throw new KeyNotFoundException($"There is no parameter '{name}' among the {_byName.Count} of this optimizer; Names lists them.");

    /// <summary>Rules given as such.</summary>
    private sealed class AnyRule() : FusedOptimizer(group =>
        group.Options is FixedRuleOptions options
            ? options.Rule
            : throw new ArgumentException("This optimizer's groups carry Descent's options; add one with Add(FusedGroup).", nameof(group)));
}
