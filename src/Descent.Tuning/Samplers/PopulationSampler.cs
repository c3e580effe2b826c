using System.Globalization;

namespace Descent.Tuning.Samplers;

/// <summary>
/// Population Based Training: a population trains in rounds; whoever falls behind goes on from the checkpoint of one who is ahead, with changed settings.
/// </summary>
/// <remarks>
/// <para>
/// A trial is one round: it begins with its parent's checkpoint (<see cref="TrialRecord.Parent"/>), trains for as long as the user wants a round to be, and
/// reports the metric. A member whose last round is among the worst <see cref="Quantile"/> of all members' last rounds takes a parent from the best ones (truncation
/// selection) and explores: each number is multiplied by a factor or drawn anew, each choice kept or drawn anew. Any other member goes on with its settings.
/// Nobody waits: rounds of different members need not be the same.
/// </para>
/// <para>
/// The result is the best member's schedule, <see cref="HyperparameterSchedule.Of"/>. Reference: Jaderberg et al., "Population Based Training of Neural Networks", 2017
/// (arXiv 1711.09846), section 4.1.1 and appendix A.
/// </para>
/// </remarks>
public sealed class PopulationSampler : ISampler
{
    private const string TagStart = "member ";

    private StudyMemory? _memory;

    /// <summary>The population's size. Default 8 (the paper takes 10 to 80).</summary>
    public int Population { get; init => field = Allowed.AtLeast(value, 2); } = 8;

    /// <summary>The part of the population that gives up, and the part that it copies from. Default 0.2 (the paper's).</summary>
    public double Quantile { get; init => field = Allowed.Between(value, 0, 0.5); } = 0.2;

    /// <summary>Numbers are multiplied by this or its inverse. Default 1.2 (the paper's).</summary>
    public double Factor { get; init => field = Allowed.Above(value, 1); } = 1.2;

    /// <summary>The probability that a setting is drawn anew instead. Default 0.25 (as in Ray Tune).</summary>
    public double ResampleProbability { get; init => field = Allowed.Between(value, 0, 1); } = 0.25;

    /// <inheritdoc/>
    public Proposal Propose(TrialHistory history, SearchSpace space, CounterRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(history);
        StudyMemory memory = StudyMemory.Of(ref _memory, history, space);
        Dictionary<int, int> rounds = [];
        HashSet<int> busy = [];
        foreach (TrialRecord trial in history.Trials)
        {
            if (MemberOf(trial) is { } member)
            {
                rounds[member] = rounds.GetValueOrDefault(member) + 1;
                if (!trial.IsFinished)
                {
                    busy.Add(member);
                }
            }
        }

        int[] ready = [.. rounds.Keys.Where(member => !busy.Contains(member)).OrderBy(member => rounds[member]).ThenBy(static member => member)];
        if (rounds.Count < Population || ready.Length == 0)
        {
            // More workers than members: the population grows, so that none is idle.
            int newcomer = rounds.Count == 0 ? 0 : rounds.Keys.Max() + 1;
            return new Proposal(memory.Space.PointAt(memory.Space.DrawFarFrom(history.Trials, random))) { Tag = Tag(newcomer) };
        }

        return Continue(memory.Space, LastRounds(memory.Evidence), ready[0], random);
    }

    private Proposal Continue(UnitSpace units, Dictionary<int, EvidenceRow> last, int member, CounterRandom random)
    {
        int[] ranking = [.. last.Keys.OrderBy(key => last[key]).ThenBy(static key => key)];
        int part = Math.Max(1, (int)Math.Floor(Quantile * ranking.Length));
        bool isBehind = Array.IndexOf(ranking, member) >= ranking.Length - part && Quantile > 0 && ranking.Length > 1;
        TrialRecord own = last[member].Trial;
        if (!isBehind && own.State == TrialState.Complete)
        {
            return new Proposal(own.Configuration) { Parent = own.Number, Tag = Tag(member) };
        }

        int[] donors = [.. ranking.Take(part).Where(key => key != member && last[key].Trial.State == TrialState.Complete)];
        if (donors.Length == 0)
        {
            return new Proposal(units.PointAt(units.Draw(random))) { Tag = Tag(member) };
        }

        TrialRecord donor = last[donors[random.NextInteger(donors.Length)]].Trial;
        return new Proposal(Explore(units, donor, random)) { Parent = donor.Number, Tag = Tag(member) };
    }

    private Configuration Explore(UnitSpace units, TrialRecord from, CounterRandom random)
    {
        double[] place = from.Unit.ToArray();
        for (int attempt = 0; attempt < 100; attempt++)
        {
            from.Unit.CopyTo(place);
            for (int j = 0; j < place.Length; j++)
            {
                double fresh = random.NextDouble();
                bool isUp = random.NextDouble() < 0.5;
                if (double.IsNaN(place[j]) || random.NextDouble() < ResampleProbability)
                {
                    place[j] = fresh;
                }
                else if (units.Axes[j].Parameter.IsOrdered)
                {
                    place[j] = Perturb(units.Axes[j].Parameter, place[j], isUp);
                }
            }

            if (units.Snap(place))
            {
                break;
            }
        }

        return units.PointAt(place);
    }

    /// <summary>The place of the value times the factor; of discrete values at least the next one.</summary>
    private double Perturb(Parameter parameter, double place, bool isUp)
    {
        ParameterValue value = parameter.FromUnit(place);
        if (parameter is FloatParameter { Spacing: null } number)
        {
            double moved = value.AsNumber() * (isUp ? Factor : 1 / Factor);
            return number.ToUnit(Math.Clamp(moved, number.Low, number.High));
        }

        (double low, double high) = parameter.CellOf(place);
        double next = isUp ? high + ((high - low) / 2) : low - ((high - low) / 2);
        if (parameter is IntegerParameter integer)
        {
            double moved = Math.Clamp(value.AsInteger() * (isUp ? Factor : 1 / Factor), integer.Low, integer.High);
            long rounded = integer.Low + ((long)Math.Round((moved - integer.Low) / integer.Spacing) * integer.Spacing);
            return rounded == value.AsInteger() ? Math.Clamp(next, 0, 1) : integer.ToUnit(rounded);
        }

        return Math.Clamp(next, 0, 1);
    }

    /// <summary>The last finished round of each member.</summary>
    private static Dictionary<int, EvidenceRow> LastRounds(Evidence evidence)
    {
        Dictionary<int, EvidenceRow> last = [];
        foreach (EvidenceRow row in evidence.Rows)
        {
            if (MemberOf(row.Trial) is { } member)
            {
                last[member] = row;
            }
        }

        return last;
    }

    private static string Tag(int member) => string.Create(CultureInfo.InvariantCulture, $"{TagStart}{member}");

    private static int? MemberOf(TrialRecord trial) =>
        trial.Tag?.StartsWith(TagStart, StringComparison.Ordinal) == true
        && int.TryParse(trial.Tag.AsSpan(TagStart.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int member)
            ? member
            : null;
}
