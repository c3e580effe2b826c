using System.Globalization;

namespace Descent.Tuning.Soak;

/// <summary>What diaries and journal say happened: every trial once, no two holders at once, no step lost or done again but the unfinished ones.</summary>
internal sealed class Evidence(Plan plan, string folder, string url, Overseer overseer)
{
    public async Task<string> CheckAsync()
    {
        await using Study study = await Study.OpenAsync(url, "soak", Work.Options(plan, folder));
        TrialRecord[] trials = await study.ViewAsync(static history => history.Trials.ToArray());
        Require(trials.Length == plan.Trials, $"There are {trials.Length} trials; {plan.Trials} were wanted.");
        foreach (TrialRecord trial in trials)
        {
            Require(trial.State == TrialState.Complete, $"Trial {trial.Number} is {trial.State}: {trial.Reason}");
            double expected = Work.Result(plan, trial.Configuration.Integer("start"));
            Require(trial.Objectives[0] == expected, $"Trial {trial.Number} ended in state {trial.Objectives[0]}; each step done once leads to {expected}.");
            Require(trial.Reported.Count == plan.Steps, $"Trial {trial.Number} reported {trial.Reported.Count} steps of {plan.Steps}.");
        }

        Entry[] entries = [.. Directory.GetFiles(folder, "diary-*").SelectMany(File.ReadLines).Select(Parse).OfType<Entry>().OrderBy(static entry => entry.Time)];
        int repeated = 0, again = 0;
        foreach (IGrouping<int, Entry> trial in entries.GroupBy(static entry => entry.Trial).OrderBy(static group => group.Key))
        {
            (int steps, int attempts) = CheckTrial(trial.Key, [.. trial]);
            repeated += steps;
            again += attempts;
        }

        Require(again > 0 || plan.Kills == 0, "No trial was ever taken up by a second worker: nothing was tested.");
        return $"{trials.Length} trials, each complete once; {overseer.Kills} workers killed, {overseer.Stopped.Count} suspended, {overseer.Restarts} restarts of the server; "
            + $"{again} times a trial was taken up by another worker, {repeated} unfinished steps were done again of {plan.Trials * plan.Steps}; never were two workers at one trial.";
    }

    private (int Repeated, int Again) CheckTrial(int trial, Entry[] entries)
    {
        // Suspended ones may write when they wake, late: their turn is over, and what they do reaches no one.
        Entry[] orderly = [.. entries.Where(entry => !overseer.Stopped.Contains(entry.Process))];
        long[] tokens = [.. orderly.Select(static entry => entry.Token).Distinct()];
        Require(tokens.SequenceEqual(tokens.Order()), $"Trial {trial} was begun by an older holder after a newer one.");
        for (int i = 1; i < orderly.Length; i++)
        {
            Require(
                orderly[i].Token == orderly[i - 1].Token || orderly[i].What == "begin",
                $"Trial {trial} had two workers at once: {orderly[i - 1]} and {orderly[i]}.");
        }

        if (orderly.Length == entries.Length)
        {
            Require(entries.Count(static entry => entry.What == "end") >= 1, $"Trial {trial} never came to its end.");
            for (int step = 1; step <= plan.Steps; step++)
            {
                // A killed worker may have done a step and died before it wrote so.
                Require(entries.Any(entry => entry.Step == step && entry.What is "step"), $"Step {step} of trial {trial} was never done.");
                Require(entries.Count(entry => entry.Step == step && entry.What is "done") <= 1, $"Step {step} of trial {trial} was finished twice.");
            }
        }

        int begun = entries.Count(static entry => entry.What == "step");
        int attempts = entries.Select(static entry => entry.Token).Distinct().Count();
        Require(begun - plan.Steps <= attempts - 1, $"Trial {trial} began {begun} steps in {attempts} attempts: more than the unfinished ones were done again.");
        return (begun - plan.Steps, attempts - 1);
    }

    private static Entry? Parse(string line)
    {
        // The last line of a killed process may be cut short.
        string[] parts = line.Split(' ');
        return parts.Length == 6
            ? new Entry(Number(parts[0]), parts[1], (int)Number(parts[2]), Number(parts[3]), (int)Number(parts[4]), (int)Number(parts[5]))
            : null;

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    private static void Require(bool kept, string message)
    {
        if (!kept)
        {
            throw new InvalidOperationException(message);
        }
    }

    private sealed record Entry(long Time, string What, int Trial, long Token, int Step, int Process);
}
