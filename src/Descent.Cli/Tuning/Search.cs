using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;

namespace Descent.Cli.Tuning;

/// <summary>What a study tries: a run file, and a space of values for some of its keys.</summary>
internal sealed class Search
{
    private static readonly string[] HeldOut = ["data.path", "data.labels", "data.target", "data.standardize_target", "data.validation", "data.validation_path", "data.split_seed"];

    // A loss is that loss's, for each token.
    private static readonly string[] UnitsOfLoss = ["loss.kind", "data.tokenizer", "data.vocabulary"];

    // Enough for a dozen parameters with a dozen choices, and still well under a second.
    private const int MostChecks = 600;

    private Search(RunTemplate template, SearchSpace space) => (Template, Space) = (template, space);

    /// <summary>The run file.</summary>
    public RunTemplate Template { get; }

    /// <summary>The space; its parameters are named as the keys.</summary>
    public SearchSpace Space { get; }

    /// <summary>The metric that decides, and which way it gets better.</summary>
    public ValidationOptions Validation { get; private set; } = new();

    /// <summary>
    /// Reads a run file and what <c>--set</c> says: a range searches its key, whatever the file's <c>search</c> section says of it; a plain value pins it.
    /// </summary>
    /// <exception cref="BadInputException">There is nothing to search, or a range, a key or a value can't be used.</exception>
    public static Search Load(string? file, IReadOnlyList<string> settings)
    {
        (IReadOnlyList<string> plain, Dictionary<string, string> ranges) = Assignments.Split(settings);
        RunTemplate template = RunTemplate.Load(file, plain);
        HashSet<string> pinned = [.. plain.Select(Assignments.KeyOf)];
        List<KeyValuePair<string, string>> wanted =
        [
            .. template.Search.Where(entry => !pinned.Contains(entry.Key)).Select(entry => ranges.Remove(entry.Key, out string? text) ? new(entry.Key, text) : entry),
            .. ranges,
        ];
        if (wanted.Count == 0)
        {
            throw new BadInputException(
                $"{template.Source}: nothing is searched; give ranges with --set optimizer.learning_rate=log(1e-5,1e-1), or a section 'search' in the run file");
        }

        try
        {
            SearchSpace space = template.Constraints.Aggregate(
                new SearchSpace(wanted.Select(static entry => ParameterText.Parse(entry.Key, entry.Value))), static (space, constraint) => space.Where(constraint));
            var search = new Search(template, space);
            search.Check();
            return search;
        }
        catch (SearchSpaceException exception)
        {
            throw new BadInputException($"{template.Source}: search: {exception.Message}", exception);
        }
    }

    /// <summary>The run at a point.</summary>
    /// <exception cref="BadInputException">The point can't be trained.</exception>
    public RunConfiguration At(Configuration point)
    {
        RunConfiguration run = Template.Bind(point.Select(static pair => $"{pair.Key}={pair.Value}"));

        // What is made of it may be trained from another working directory.
        return run with { Data = run.Data.WithFullPaths() };
    }

    /// <summary>The run in the middle of the space.</summary>
    public RunConfiguration Middle() => At(Space.FromUnit([.. Space.Parameters.Select(static _ => 0.5)]));

    /// <summary>The study as a run file of its own, with its <c>search</c> section: what is compared when it is opened again.</summary>
    /// <param name="objectives">What its trials are compared by.</param>
    public string Describe(TuneObjectives objectives)
    {
        static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
        IEnumerable<string> lines =
        [
            "search:",
            .. Space.Parameters.Select(static parameter => $"  {parameter.Name}: {Quoted(parameter.ToString())}"),
            .. Space.Constraints.Count == 0 ? [] : (string[])["  where:", .. Space.Constraints.Select(static constraint => $"    - {Quoted(constraint.ToString())}")],
        ];
        return Template.Yaml + string.Join('\n', lines) + "\n" + objectives.Yaml;
    }

    /// <summary>Binds the run file at the ends of every range, at every choice: a wrong key or an impossible value is found before anything is trained.</summary>
    private void Check()
    {
        if (Space.IndexOf("validation.metric") >= 0)
        {
            throw new BadInputException($"{Template.Source}: search: validation.metric can't be searched; trials are compared by one metric");
        }

        if (Space.Parameters.FirstOrDefault(static parameter => parameter.Name is var name && (name.StartsWith("validation.fold", StringComparison.Ordinal) || name.StartsWith("validation.inner_fold", StringComparison.Ordinal))) is { } folds)
        {
            throw new BadInputException($"{Template.Source}: search: {folds.Name} can't be searched; trials are compared on the same folds");
        }

        if (Space.Parameters.FirstOrDefault(static parameter => HeldOut.Contains(parameter.Name)) is { } held)
        {
            throw new BadInputException($"{Template.Source}: search: {held.Name} can't be searched; trials are compared on the same held-out data, in the same units");
        }

        BadInputException? broken = null;
        Configuration? where = null;
        int bound = 0;
        HashSet<Configuration> seen = [];
        foreach (Configuration point in Corners().Where(Space.IsFeasible).Where(seen.Add).Take(MostChecks))
        {
            try
            {
                Validation = At(point).Training.Validation;
                bound++;
            }
            catch (BadInputException exception)
            {
                (broken, where) = (broken ?? exception, where ?? point);
            }
        }

        if (Validation.Metric == "validation/loss" && Array.Find(UnitsOfLoss, name => Space.IndexOf(name) >= 0) is { } unit)
        {
            throw new BadInputException($"{Template.Source}: search: {unit} can't be searched by validation/loss, whose unit it is; choose a metric that is the same for all with validation.metric");
        }

        if (broken is not null)
        {
            // Where no point can be trained, it isn't the values.
            throw bound == 0
                ? broken
                : new BadInputException($"{broken.Message} (tried: {where}); change the range of what is wrong there, or leave such points out with a constraint, 'where' in the section 'search'", broken);
        }

        if (bound == 0)
        {
            throw new BadInputException($"{Template.Source}: search: no corner of the space keeps the constraints ({string.Join("; ", Space.Constraints)}); loosen them");
        }
    }

    /// <summary>The middle, and from it the ends of each parameter, for each choice of each other.</summary>
    private IEnumerable<Configuration> Corners()
    {
        double[] middle = [.. Space.Parameters.Select(static _ => 0.5)];
        foreach (double[] from in Variants(middle, categorical: true).Prepend(middle))
        {
            yield return Space.FromUnit(from);
            foreach (double[] corner in Variants(from, categorical: false))
            {
                yield return Space.FromUnit(corner);
            }
        }
    }

    private IEnumerable<double[]> Variants(double[] from, bool categorical)
    {
        for (int i = 0; i < Space.Count; i++)
        {
            double[] places = (Space.Parameters[i], categorical) switch
            {
                (CategoricalParameter { Choices.Count: var count }, _) => [.. Enumerable.Range(0, count).Select(choice => (choice + 0.5) / count)],
                (_, false) => [0, Math.BitDecrement(1.0)],
                _ => [],
            };
            foreach (double place in places)
            {
                double[] variant = [.. from];
                variant[i] = place;
                yield return variant;
            }
        }
    }
}
