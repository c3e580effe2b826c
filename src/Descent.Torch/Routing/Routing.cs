using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>
/// Which rule every parameter of a module takes, with which rate and decay: hidden matrices, embeddings, head, norms and biases are recognised
/// (<see cref="ParameterLayout"/>), decay is kept off norms and biases, a rule for matrices such as Muon leaves the rest to its companion, and groups picked by name,
/// role and shape (<see cref="ParameterGroup"/>) may differ.
/// </summary>
/// <remarks>
/// Every trainable parameter has exactly one owner; tied weights have one, under the first of their names, and a pattern that fits any of their names picks them.
/// Freezing turns <c>requires_grad</c> off, and is all that this changes in the module.
/// </remarks>
/// <example><code>
/// Routing routing = Routing.Of(model, new AdamWOptions { LearningRate = 3e-4, WeightDecay = 0.1 });
/// Console.WriteLine(routing);
/// using FusedOptimizer optimizer = FusedOptimizer.Create(routing.Groups);
/// </code></example>
public sealed class Routing
{
    internal const string FrozenRule = "frozen";
    private const string CommonName = "main";

    private Routing(IReadOnlyList<Route> routes, IReadOnlyList<Entry> frozen)
    {
        Routes = routes;
        Frozen = [.. frozen.Select(static entry => entry.Name)];
        Table = [.. routes.SelectMany(RowsOf), .. RowsOfFrozen(frozen)];
    }

    /// <summary>The groups of an optimizer, what no pattern took first.</summary>
    public IReadOnlyList<FusedGroup> Groups => [.. Routes.Select(static route => route.Group)];

    /// <summary>The same groups, each with where its options come from.</summary>
    public IReadOnlyList<Route> Routes { get; }

    /// <summary>The names of parameters that are not trained.</summary>
    public IReadOnlyList<string> Frozen { get; }

    /// <summary>What is trained how, to be shown: a row for every group, and one more for those of its parameters that decay leaves alone.</summary>
    public IReadOnlyList<RoutingRow> Table { get; }

    /// <summary>Routes the parameters of a module.</summary>
    /// <param name="module">The module.</param>
    /// <param name="options">The common rule and its options.</param>
    /// <param name="groups">What is trained otherwise; the first that fits a parameter takes it.</param>
    /// <exception cref="ArgumentException">A group takes no parameter, contradicts itself, or nothing is left to train. The message begins with the group, as <c>groups[1]</c>.</exception>
    public static Routing Of(nn.Module module, RuleOptions options, params IReadOnlyList<ParameterGroup> groups) => Of(module, options, groups, null);

    /// <summary>The same with rules that are rescaled by parameter.</summary>
    /// <param name="module">The module.</param>
    /// <param name="options">The common rule and its options.</param>
    /// <param name="groups">What is trained otherwise; the first that fits a parameter takes it.</param>
    /// <param name="scaling">What rescales; null: nothing.</param>
    /// <exception cref="ArgumentException">A group takes no parameter, contradicts itself, nothing is left to train, or a rule can't be scaled.</exception>
    public static Routing Of(nn.Module module, RuleOptions options, IReadOnlyList<ParameterGroup> groups, IRuleScaling? scaling)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(groups);
        Entry[] entries = Entries(module);
        int?[] owners = Owners(entries, groups);
        var frozen = new List<Entry>();
        for (int i = 0; i < entries.Length; i++)
        {
            if (owners[i] is { } owner && groups[owner].Freeze)
            {
                entries[i].Parameter.requires_grad = false;
            }

            if (!entries[i].Parameter.requires_grad)
            {
                frozen.Add(entries[i]);
            }
        }

        // What no pattern took comes first, then the groups in their order.
        var routes = new List<Route>();
        for (int group = -1; group < groups.Count; group++)
        {
            int? pattern = group < 0 ? null : group;
            Entry[] owned = [.. entries.Where((entry, i) => owners[i] == pattern && entry.Parameter.requires_grad)];
            if (owned.Length > 0)
            {
                routes.AddRange(RoutesOf(owned, options, groups, pattern, routes).SelectMany(route => Scaled(route, options, groups, scaling)));
            }
        }

        return routes.Count > 0
            ? new Routing(routes, frozen)
            : throw new ArgumentException(
                entries.Length == 0 ? $"{module.GetName()} has no parameter; a module of one's own must call RegisterComponents() in its constructor"
                    : $"{module.GetName()} has no trainable parameter; all {entries.Length} are frozen", nameof(module));
    }

    /// <summary>Bytes that a parameter's states will take, as they will be stored; 0 where it is not trained.</summary>
    /// <param name="parameter">Its name.</param>
    public long StateBytesOf(string parameter) => Routes
        .SelectMany(static route => route.Group.Parameters.Select(entry => (route.Group, entry.Name, entry.Parameter)))
        .Where(entry => entry.Name == parameter)
        .Sum(static entry => StateBytes(entry.Group, entry.Name, entry.Parameter));

    /// <summary>The routing table, aligned, a line a row.</summary>
    public override string ToString() => string.Join(Environment.NewLine, RoutingTable.Lines(Table));

    private static Entry[] Entries(nn.Module module)
    {
        IParameterLayout layout = ParameterLayout.Of(module);
        var entries = new List<Entry>();
        var byIdentity = new Dictionary<nint, Entry>();
        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            if (byIdentity.TryGetValue(ParameterIdentity.Of(parameter), out Entry? first))
            {
                first.Aliases.Add(name);
                continue;
            }

            var entry = new Entry(name, parameter, layout.RoleOf(name))
            {
                Stacked = parameter.dim() > 0 ? layout.StackedRows(name, parameter.shape[0]) : null,
                HeadRows = layout.HeadRows(name),
            };
            byIdentity.Add(ParameterIdentity.Of(parameter), entry);
            entries.Add(entry);
        }

        return [.. entries];
    }

    private static int?[] Owners(Entry[] entries, IReadOnlyList<ParameterGroup> groups)
    {
        var owners = new int?[entries.Length];
        for (int index = 0; index < groups.Count; index++)
        {
            ParameterGroup group = groups[index];
            string[] faults = [.. group.Validate()];
            if (faults.Length > 0)
            {
                throw new ArgumentException($"groups[{index}]: {string.Join("; ", faults)}", nameof(groups));
            }

            foreach (string pattern in group.Parameters.Where(pattern => !entries.Any(entry => entry.IsNamed(pattern))))
            {
                throw new ArgumentException($"groups[{index}]: no parameter is named '{pattern}'; {NearestPattern.Hint(pattern, entries.Select(static entry => entry.Name))}", nameof(groups));
            }

            int[] fitting = [.. Enumerable.Range(0, entries.Length).Where(i => entries[i].IsNamedBy(group) && group.FitsShape(entries[i].Parameter, entries[i].Role))];
            int[] free = [.. fitting.Where(i => owners[i] is null)];
            if (fitting.Length == 0)
            {
                string named = string.Join(", ", entries.Where(entry => entry.IsNamedBy(group)).Take(3)
                    .Select(static entry => $"{entry.Name} ({entry.Role.Words()}, [{string.Join(", ", entry.Parameter.shape)}])"));
                throw new ArgumentException($"groups[{index}]: no parameter of these names has such a role and shape; there are {named} …", nameof(groups));
            }

            if (free.Length == 0)
            {
                throw new ArgumentException(
                    $"groups[{index}]: all {fitting.Length} parameters that it fits are taken by groups[{owners[fitting[0]]}], which comes before it; put the narrower pattern first", nameof(groups));
            }

            foreach (int i in free)
            {
                owners[i] = index;
            }
        }

        return owners;
    }

    private static IEnumerable<Route> RoutesOf(Entry[] owned, RuleOptions common, IReadOnlyList<ParameterGroup> groups, int? pattern, List<Route> earlier)
    {
        ParameterGroup? group = pattern is { } index ? groups[index] : null;
        RuleOptions options = group?.Optimizer ?? common;
        string name = Unused(group?.Title ?? CommonName, earlier);
        FusedGroup all = ToGroup(owned, options, name, group);
        FusedGroup[] parts = [.. MatrixSplit.Of(all)];
        if (parts.Length > 1 && group?.LearningRate is { } rate)
        {
            throw new ArgumentException(
                $"groups[{pattern}]: it holds matrices for '{options.Kind}' and others for its companion, which need different rates, and learning_rate is {rate}; "
                + "give rate_factor, or make two groups by roles", nameof(groups));
        }

        foreach (FusedGroup part in parts)
        {
            var route = new Route(part, pattern, !ReferenceEquals(part.Options, options));
            yield return route with { Group = part with { Options = route.OptionsFrom(common, groups) } };
        }
    }

    /// <summary>A route for each part of a group that is scaled alike.</summary>
    private static IEnumerable<Route> Scaled(Route route, RuleOptions common, IReadOnlyList<ParameterGroup> groups, IRuleScaling? scaling)
    {
        if (scaling is null)
        {
            return [route];
        }

        return route.Group.Parameters.GroupBy(entry => scaling.ScaleOf(entry.Name, entry.Parameter.shape, route.Group.Options)).Select(part =>
        {
            Route scaled = route with { Scaling = scaling, Scale = part.Key };
            return scaled with
            {
                Group = route.Group with
                {
                    Parameters = [.. part],
                    Name = part.Key.Part is { } suffix ? $"{route.Name}-{suffix}" : route.Name,
                    Options = scaled.OptionsFrom(common, groups),
                },
            };
        });
    }

    private static FusedGroup ToGroup(Entry[] owned, RuleOptions options, string name, ParameterGroup? group)
    {
        bool decaysAll = group is { WeightDecay: not null, Roles.Count: > 0 };
        return new FusedGroup([.. owned.Select(static entry => (entry.Name, entry.Parameter))], options)
        {
            Name = name,
            Exempt = owned.Where(entry => !entry.Role.Decays() && !decaysAll).Select(static entry => entry.Name).ToHashSet(StringComparer.Ordinal),
            Roles = owned.ToDictionary(static entry => entry.Name, static entry => entry.Role, StringComparer.Ordinal),
            StackedRows = owned.Where(static entry => entry.Stacked is not null).ToDictionary(static entry => entry.Name, static entry => entry.Stacked!, StringComparer.Ordinal),
            HeadRows = owned.ToDictionary(static entry => entry.Name, static entry => entry.HeadRows, StringComparer.Ordinal),
        };
    }

    private static string Unused(string title, List<Route> earlier)
    {
        string name = title;
        for (int number = 2; earlier.Any(route => route.Name == name || route.Name.StartsWith($"{name}-", StringComparison.Ordinal)); number++)
        {
            name = $"{title} ({number})";
        }

        return name;
    }

    private static IEnumerable<RoutingRow> RowsOf(Route route)
    {
        foreach (IGrouping<bool, (string Name, Parameter Parameter)> part in route.Group.Parameters.GroupBy(entry => route.Group.Exempt.Contains(entry.Name)).OrderBy(static part => part.Key))
        {
            yield return new RoutingRow
            {
                Group = route.Name,
                Rule = route.Group.Options.Kind,
                Roles = Words(part.Select(entry => route.Group.Roles[entry.Name])),
                Parameters = part.Count(),
                Elements = part.Sum(static entry => entry.Parameter.numel()),
                LearningRate = route.Group.Options.LearningRate,
                WeightDecay = part.Key ? 0 : route.Group.Options.WeightDecay,
                StateBytes = part.Sum(entry => StateBytes(route.Group, entry.Name, entry.Parameter)),
            };
        }
    }

    private static IEnumerable<RoutingRow> RowsOfFrozen(IReadOnlyList<Entry> frozen) => frozen.Count == 0
        ? []
        :
        [
            new RoutingRow
            {
                Group = FrozenRule,
                Rule = FrozenRule,
                Roles = Words(frozen.Select(static entry => entry.Role)),
                Parameters = frozen.Count,
                Elements = frozen.Sum(static entry => entry.Parameter.numel()),
                LearningRate = 0,
                WeightDecay = 0,
                StateBytes = 0,
            },
        ];

    private static string Words(IEnumerable<ParameterRole> roles) => string.Join(", ", roles.Distinct().Order().Select(static role => role.Words()));

    // As the optimizer will store them: a small tensor or an embedding keeps float32 whatever is asked for.
    private static long StateBytes(FusedGroup group, string name, Parameter parameter)
    {
        var state = new ParameterState(name, parameter)
        {
            Role = group.Roles[name],
            StackedRows = group.StackedRows.GetValueOrDefault(name),
            HeadRows = group.HeadRows.GetValueOrDefault(name),
        };
        return state.BytesOf(group.Options.State, group.Options.StateFormat);
    }

    private sealed record Entry(string Name, Parameter Parameter, ParameterRole Role)
    {
        public List<string> Aliases { get; } = [];

        public long[]? Stacked { get; init; }

        public long HeadRows { get; init; }

        public bool IsNamedBy(ParameterGroup group) => group.Parameters.Count == 0 || group.Parameters.Any(IsNamed);

        public bool IsNamed(string pattern) => ParameterGroup.Fits(pattern, Name) || Aliases.Any(alias => ParameterGroup.Fits(pattern, alias));
    }
}
