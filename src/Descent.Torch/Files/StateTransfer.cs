using Descent.Optimizers;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Carries saved states over to the parameters of an optimizer: all of them or none.</summary>
internal sealed class StateTransfer
{
    private readonly SavedOptimizer _saved;
    private readonly List<(SavedParameter From, Target To)> _pairs = [];
    private readonly List<string> _faults = [];

    /// <param name="saved">The file.</param>
    /// <param name="targets">The optimizer's parameters, in the order in which the file may have numbered them.</param>
    /// <param name="shared">The names of what the optimizer's rules carry for whole groups.</param>
    public StateTransfer(SavedOptimizer saved, IReadOnlyList<Target> targets, IEnumerable<string> shared)
    {
        _saved = saved;
        _faults.AddRange(saved.Shared.Keys.Except(shared).Select(static name => $"there is no shared state '{name}' in the optimizer; use the rule it was saved with"));
        Pair(targets);
        for (int i = 0; i < _pairs.Count; i++)
        {
            _pairs[i] = (AsKept(_pairs[i].From, _pairs[i].To), _pairs[i].To);
        }

        foreach ((SavedParameter from, Target to) in _pairs)
        {
            Compare(from, to);
        }
    }

    /// <summary>A parameter that may receive a state, its group's rule, and the states that this rule keeps for it.</summary>
    internal sealed record Target(ParameterState State, OptimizerOptions Rule, IReadOnlyList<StateTensor> States);

    /// <exception cref="InvalidDataException">The file doesn't fit.</exception>
    public void RequireFit()
    {
        if (_faults.Count > 0)
        {
            string more = _faults.Count > 3 ? $"; and {_faults.Count - 3} more" : "";
            throw new InvalidDataException($"{_saved.Path}: the optimizer's state ({_saved.Format}) does not fit: {string.Join("; ", _faults.Take(3))}{more}");
        }
    }

    /// <summary>Overwrites steps and states.</summary>
    public void Apply()
    {
        foreach ((SavedParameter from, (ParameterState to, _, IReadOnlyList<StateTensor> states)) in _pairs)
        {
            if (from.States.Count == 0)
            {
                to.Dispose(); // no state there: it begins anew
            }

            foreach (StateTensor state in states.Where(_ => from.States.Count > 0 || from.Numbers.Count > 0))
            {
                to.Declare(states);
                if (from.States.GetValueOrDefault(state.Name)?.Encoding is { } encoding && encoding.Codec.Format == to.Format && encoding.NonNegative == state.NonNegative)
                {
                    // The same codes: nothing is rounded, so that a resumed run is the same run.
                    using Tensor codes = encoding.Codes.Read(), scales = encoding.Scales.Read();
                    to.WriteEncoded(to.IndexOf(state.Name), codes, scales);
                    continue;
                }

                using Tensor? value = from.States.TryGetValue(state.Name, out SavedTensor? tensor) ? tensor.Read()
                    : from.Numbers.TryGetValue(state.Name, out double number) && to.ShapeOf(state).Length == 0 ? tensor_of(number)
                    : null;
                if (value is not null)
                {
                    to.Set(state.Name, value);
                }
            }

            to.Step = from.Step;
        }

        static Tensor tensor_of(double number) => tensor(number, ScalarType.Float64);
    }

    /// <summary>Where the file's settings are other than the optimizer's.</summary>
    public IReadOnlyList<string> Differences()
    {
        var rules = _pairs.ToDictionary(static pair => pair.From.Number, static pair => pair.To.Rule);
        var found = new List<string>();
        foreach (SavedGroup group in _saved.Groups.Where(static group => group.Parameters.Count > 0))
        {
            OptimizerOptions rule = rules[group.Parameters[0]];
            found.AddRange(TorchSettings.Differences(rule, group.Settings));
            if (group.Rule is { } text && text != $"{rule}")
            {
                found.Add($"the rule was {text} in the file; the optimizer has {rule}");
            }
        }

        return found;
    }

    /// <summary>ASGD's mean is kept as its distance from the parameter, which has its value by then.</summary>
    private static SavedParameter AsKept(SavedParameter saved, Target to)
    {
        if (to.Rule is not AsgdOptions || !saved.States.TryGetValue("ax", out SavedTensor? mean))
        {
            return saved;
        }

        var distance = new SavedTensor([.. mean.Shape], mean.Type, () =>
        {
            using Tensor ax = mean.Read();
            using Tensor parameter = to.State.Parameter.detach();
            return ax.sub(parameter);
        });
        return saved with { States = new Dictionary<string, SavedTensor> { [to.Rule.State[0].Name] = distance } };
    }

    private void Pair(IReadOnlyList<Target> targets)
    {
        IReadOnlyList<SavedParameter> saved = _saved.Parameters;
        var byName = targets.ToDictionary(static target => target.State.Name, StringComparer.Ordinal);
        bool named = saved.All(static parameter => parameter.Name is not null);
        if (named && (_saved.Format == SavedOptimizer.Descent || saved.Any(parameter => byName.ContainsKey(parameter.Name!))))
        {
            var unknown = saved.Where(parameter => !byName.ContainsKey(parameter.Name!)).ToList();
            _faults.AddRange(unknown.Select(parameter => $"{parameter.Label} is not in the optimizer; {NearestName.Hint(parameter.Name!, byName.Keys)}"));
            _pairs.AddRange(saved.Except(unknown).Select(parameter => (parameter, byName[parameter.Name!])));
            _faults.AddRange(byName.Keys.Except(saved.Select(static parameter => parameter.Name!)).Select(static name => $"'{name}' of the optimizer is not in the file"));
        }
        else if (saved.Count != targets.Count)
        {
            _faults.Add($"it has {saved.Count} parameters, the optimizer {targets.Count}; give the optimizer the parameters that the other one had");
        }
        else
        {
            IReadOnlyList<Target> order = MatricesFirst(targets) is { } split && Fits(split) ? split : targets;
            _pairs.AddRange(saved.Zip(order));
        }
    }

    /// <summary>
    /// Where a file has two groups, they are often matrices, which decay, and then the rest; numbers run through the groups. Null when the groups' sizes
    /// speak against it.
    /// </summary>
    private Target[]? MatricesFirst(IReadOnlyList<Target> targets)
    {
        static bool IsMatrix(Target target) => target.State.Parameter.dim() >= 2;
        return _saved.Groups.Count == 2 && _saved.Groups[0].Parameters.Count == targets.Count(IsMatrix)
            ? [.. targets.Where(IsMatrix), .. targets.Where(static target => !IsMatrix(target))]
            : null;
    }

    private bool Fits(Target[] order) => _saved.Parameters.Zip(order).All(pair => pair.First.States.All(state =>
        pair.Second.States.Any(declared => declared.Name == state.Key && pair.Second.State.ShapeOf(declared).AsSpan().SequenceEqual([.. state.Value.Shape]))));

    private void Compare(SavedParameter from, Target target)
    {
        (ParameterState to, OptimizerOptions rule, IReadOnlyList<StateTensor> states) = target;
        string who = from.Name is null ? $"'{to.Name}' (number {from.Number} of the file)" : from.Label;
        foreach ((string name, SavedTensor value) in from.States)
        {
            int index = states.TakeWhile(state => state.Name != name).Count();
            if (index == states.Count)
            {
                if (value.IsSpare)
                {
                    continue;
                }

                string kept = string.Join(", ", states.Select(static state => state.Name).DefaultIfEmpty("nothing"));
                _faults.Add($"{who} has '{name}' there, and '{rule.Kind}' keeps {kept}; use the rule and the settings it was saved with");
            }
            else if (!to.ShapeOf(states[index]).AsSpan().SequenceEqual([.. value.Shape]))
            {
                _faults.Add($"'{name}' of {who} is [{string.Join(", ", value.Shape)}] instead of [{string.Join(", ", to.ShapeOf(states[index]))}]"
                    + (from.Name is null ? "; give the parameters in the order in which they were numbered" : ""));
            }
        }

        foreach (StateTensor state in states.Where(_ => from.Step > 0))
        {
            bool needed = state.Shape is null || to.ShapeOf(state) is { Length: > 0 } shape && !shape.Contains(0);
            if (needed && !from.States.ContainsKey(state.Name) && !(to.ShapeOf(state).Length == 0 && from.Numbers.ContainsKey(state.Name)))
            {
                _faults.Add($"{who} lacks '{state.Name}', which '{rule.Kind}' keeps; use the rule and the settings it was saved with");
            }
        }
    }
}
