using Descent.Cli.Comparing;
using Descent.Tuning;
using Descent.Tuning.Races;
using Descent.Tuning.Statistics;
using Spectre.Console.Testing;

namespace Descent.Cli.Tests.Comparing;

/// <summary>What a person sees of a comparison.</summary>
public sealed class CompareOutputTests
{
    private static readonly RaceEntry Muon = Entry("muon", 2.0, 2.1, 2.2), Sgd = Entry("sgd", 2.1, null, 2.9);

    private static readonly RaceResult Result = new()
    {
        Entries = [Muon, Sgd with { AgainstBest = new RaceComparison(3, null, RaceComparison.SignedRank, 0.25, 0.25) }],
        Seeds = [1, 2, 3],
        Notes = ["<b>a note</b>"],
        Target = 2.5,
        TargetOf = "sgd",
        Verdict = new RaceVerdict("muon", "sgd", ["sgd"], false, "No significant difference between muon and sgd."),
    };

    [Fact]
    public void Draw_ShowsSearchesSeedsAndWhatIsUnderWay()
    {
        using TestConsole console = new TestConsole().Width(140);
        RaceOptions options = new() { Contenders = [Contender("muon"), Contender("sgd")], Trials = 4, Seeds = 5, Time = TimeSpan.FromMinutes(2) };
        console.Write(LiveCompareDisplay.Draw(Result, options, "validation/loss", [new(("sgd", "seed 4"), "seed 4: 20/300")], 61, "stopping"));

        string row = console.Lines.Single(static line => line.Contains("muon", StringComparison.Ordinal));
        Assert.Contains("1/4", row);
        Assert.Contains("3/5", row);
        Assert.Contains("2.10 ± 0.25", row);
        row = console.Lines.Single(static line => line.Contains("sgd", StringComparison.Ordinal));
        Assert.Contains("3/5, 1 failed", row);
        Assert.Contains("seed 4: 20/300", row);
        Assert.Contains("1:01 of 2:00", console.Output);
        Assert.Contains("stopping", console.Output);
    }

    [Fact]
    public void Sentence_OfEquals_NamesTheOneThatCostsLess()
    {
        Outcome outcome = new(Result, [Costs(states: 8000, step: 0.01), Costs(states: 0, step: 0.0099)], "validation/loss", Direction.Minimize, [], null);

        Assert.Equal("No significant difference between muon and sgd; of these, sgd has the least state (0 B against 7.8 KiB).", outcome.Sentence);
    }

    [Fact]
    public void Rows_OfARunThatFailed_ShowWhatIsKnown()
    {
        Outcome outcome = new(Result, [Costs(8000, 0.01), Costs(0, 0.01)], "validation/loss", Direction.Minimize, [], null);
        string[] sgd = [.. CompareText.Rows(outcome).Last()];

        Assert.Equal(CompareText.Heads(outcome).Count, sgd.Length);
        Assert.Equal("reached 1 of 3", sgd[4]);
        Assert.Equal("0.25", sgd[3]);
        Assert.Equal("1 of 3", sgd[^1]);
    }

    [Fact]
    public void Rows_OfTargetsReachedAtTheFirstLook_SayAtMost()
    {
        static RaceSeed Seed(long seed, double steps) => new(seed, 2, null, [new ReportedValue(20, 2.4), new ReportedValue(40, 2)], steps, TimeSpan.Zero, new Dictionary<string, string>());
        static RaceEntry With(params double[] steps) => Muon with { Runs = [.. steps.Select((at, seed) => Seed(seed, at))] };
        RaceEntry early = With(20, 26), late = With(31, 35);
        ConfidenceInterval seconds = ConfidenceInterval.OfMean([1.02, 1.10]);
        Outcome outcome = new(Result with { Entries = [early, late] }, [Costs(0, 0.01) with { SecondsToTarget = seconds }, Costs(0, 0.01) with { SecondsToTarget = seconds }], "validation/loss", Direction.Minimize, [], null);
        IReadOnlyList<string>[] rows = [.. CompareText.Rows(outcome)];

        Assert.Equal(["at most 23", "at most 1.1 s"], rows[0].Skip(4).Take(2));
        Assert.Equal(["33 ± 25", "1.1 ± 0.5 s"], rows[1].Skip(4).Take(2));
    }

    [Fact]
    public void Render_EncodesWhatItIsGiven()
    {
        Outcome outcome = new(Result, [Costs(8000, 0.01), Costs(0, 0.01)], "validation/loss", Direction.Minimize, [("lomo", "the same rule as sgd")], new RaceCheck("muon", "sgd", [7, 8], null, 0.5, true, "It holds."));
        string page = ComparePage.Render("<i>run</i>", outcome, ["about"]);

        Assert.DoesNotContain("<i>run</i>", page);
        Assert.DoesNotContain("<b>a note</b>", page);
        Assert.Contains("lomo was left out: the same rule as sgd.", page);
        Assert.Contains("It holds.", page);
        Assert.Contains("\"name\":\"muon\"", page);
    }

    private static EntryFigures Costs(long states, double step) => new(step, null, 3, 1 << 20, states, [(1, [0, 10], [0, 1], [3, 2])]);

    private static Contender Contender(string name) => new() { Name = name, Space = new SearchSpace() };

    private static RaceEntry Entry(string name, params double?[] ends) => new()
    {
        Name = name,
        Settings = Configuration.Empty,
        Searched = [new RaceTrial(Configuration.Empty, 2, TrialState.Complete)],
        Runs = [.. ends.Select((end, seed) => new RaceSeed(seed, end, end is null ? "diverged" : null, [], end < 2.5 ? 9 : null, TimeSpan.Zero, new Dictionary<string, string>()))],
        Final = ConfidenceInterval.OfMean([.. ends.OfType<double>()]),
    };
}
