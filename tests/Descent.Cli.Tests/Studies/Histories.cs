using Descent.Cli.Studies;
using Descent.Journal;
using Descent.Tuning;

namespace Descent.Cli.Tests.Studies;

/// <summary>Studies in memory, for what shows them.</summary>
internal static class Histories
{
    public static readonly SearchSpace Space = new(
        Parameter.Choice("optimizer.kind", "adamw", "</script><b>"),
        Parameter.Log("optimizer.learning_rate", 1e-5, 1e-1),
        Parameter.Uniform("optimizer.beta2", 0.9, 0.999).When("optimizer.kind == adamw"),
        Parameter.Integer("model.width", 8, 64, 8),
        Parameter.Choice("only", "one"));

    /// <summary>A study whose trials end as <paramref name="result"/> says.</summary>
    public static async Task<Study> StudyAsync(int trials, Func<Trial, Task<TrialResult>>? result = null, IReadOnlyList<Direction>? directions = null, SearchSpace? space = null)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        Study study = await Study.OpenAsync(new MemoryJournal(), "demo <study>", new StudyOptions { Space = space ?? Space, Directions = directions, Worker = "machine:1" }, cancellation);
        for (int i = 0; i < trials; i++)
        {
            Trial trial = (await study.AskAsync(cancellation))!;
            await study.TellAsync(trial, result is null ? Loss(trial) : await result(trial), cancellation);
        }

        return study;
    }

    /// <summary>Complete, pruned and failed ones with reports, and one that isn't a number.</summary>
    public static async Task<TrialResult> MixedAsync(Trial trial)
    {
        if (trial.Number % 5 == 3)
        {
            return TrialResult.Failed("the loss is not finite at step 37, </script>");
        }

        for (int step = 1; step <= 3; step++)
        {
            await trial.ReportAsync(100 * step, trial.Number == 2 ? double.NaN : Loss(trial) + (1.0 / step), TestContext.Current.CancellationToken);
        }

        return trial.Number % 5 == 4 ? TrialResult.Pruned() : trial.Number == 2 ? double.NaN : Loss(trial);
    }

    public static double Loss(Trial trial) => Math.Pow(Math.Log10(trial.Configuration["optimizer.learning_rate"].AsNumber()) + 3, 2) + (trial.Configuration["model.width"].AsNumber() / 100);

    public static ValueTask<string> PageAsync(Study study, string? curves = null) => study.ViewAsync(
        history => StudyPage.Render(history, new StudyText(study.Name, ["validation/loss"]) { Curves = curves, Commands = ["descent train best.yaml"] }, DateTimeOffset.UtcNow),
        TestContext.Current.CancellationToken);
}
