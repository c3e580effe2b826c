using Descent.Cli.Commands;
using Descent.Cli.Progress;
using Descent.Cli.Tuning;
using Descent.Journal;
using Descent.Training;
using Descent.Tuning;
using Descent.Tuning.Races;
using Spectre.Console;

namespace Descent.Cli.Comparing;

/// <summary>Opens a comparison, works at it until it is done or interrupted, and writes down what came of it.</summary>
internal sealed class CompareSession
{
    private const string Reference = "adamw";

    private readonly CompareOptions _options;
    private readonly CompareSetup _setup;
    private readonly CompareFolder _folder;
    private readonly Dictionary<string, (TrialRunner Runner, ContenderDisplay Display)> _runners = [];

    private CompareSession(CompareOptions options, CompareSetup setup, CompareFolder folder) => (_options, _setup, _folder) = (options, setup, folder);

    /// <summary>The whole of <c>descent compare</c>.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CompareOptions options)
    {
        // All that can be refused without a run is refused before anything is written.
        OutputFolder.ShareTokenizers(options.Folder);
        var setup = CompareSetup.Load(options, new Preparation(Console.Out));
        var folder = new CompareFolder(options.Folder);
        folder.Agree(setup.Describe(options));
        await using Race race = await OpenAsync(options, setup, folder).ConfigureAwait(false);
        return await new CompareSession(options, setup, folder).WorkAsync(race).ConfigureAwait(false);
    }

    private static async Task<Race> OpenAsync(CompareOptions options, CompareSetup setup, CompareFolder folder)
    {
        try
        {
            return await Race.OpenAsync(folder.Journal, "compare", new RaceOptions
            {
                Contenders = setup.Contenders,
                Direction = setup.Validation.LowerIsBetter ? Direction.Minimize : Direction.Maximize,
                Target = options.ParsedTarget()?.Value,
                Reference = setup.Contenders.Any(static contender => contender.Name == Reference) ? Reference : null,
                Equal = options.Equal,
                Trials = options.Trials,
                Seeds = options.Seeds,
                SearchLength = options.SearchLength,
                Time = options.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
                Workers = options.Workers,
                Seed = setup.Run.Training.Seed,
                Folder = folder.Runs,
                Grace = TrialRunner.Patience + TimeSpan.FromSeconds(20),
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StudyException or JournalException or ArgumentException)
        {
            throw new BadInputException($"{folder.Path}: {exception.Message}", exception);
        }
    }

    private async Task<int> WorkAsync(Race race)
    {
        Begin(race);
        bool live = ProgressDisplay.IsLive(AnsiConsole.Console, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        CompareDisplay display = live ? new LiveCompareDisplay(AnsiConsole.Console, race, _setup.Validation.Metric) : new PlainCompareDisplay(Console.Out, _setup.Validation.Metric);
        RaceCheck? check = null;
        bool interrupted = false;
        string? broken = null;
        await using (display.ConfigureAwait(false))
        {
            foreach (Contender contender in race.Options.Contenders)
            {
                ContenderDisplay own = display.Of(contender.Name);
                _runners[contender.Name] = (new TrialRunner(own, Math.Max(1, Environment.ProcessorCount / _options.Workers), takesLast: true), own);
            }

            using var interruption = new Interruption(display.Say);
            try
            {
                await race.RunAsync(RunAsync, interruption.Token).ConfigureAwait(false);
                check = _options.CheckSeeds > 0 ? await race.CheckAsync(RunAsync, _options.CheckSeeds, interruption.Token).ConfigureAwait(false) : null;
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                interrupted = true;
            }
            catch (Exception exception) when (exception is StudyException or JournalException)
            {
                broken = exception.Message;
            }
        }

        if (broken is not null)
        {
            Console.Error.WriteLine($"descent: {broken} The same command goes on with the comparison.");
            return ExitCode.Failed;
        }

        return Report(Outcome.Of(await race.ResultAsync().ConfigureAwait(false), _setup, check), interrupted);
    }

    private async Task<TrialResult> RunAsync(RaceRun run, CancellationToken cancellation)
    {
        (TrialRunner runner, ContenderDisplay display) = _runners[run.Contender.Name];
        display.Expect(run);
        TrialResult result = await runner.RunAsync(run.Trial, () => _setup.At(run.Contender.Name, run.Configuration, run.Seed, run.Length), cancellation).ConfigureAwait(false);

        // Hundreds of runs would fill a disk with weights that nobody asked for: the best run files train them again, to the bit.
        string checkpoints = Path.Combine(run.Trial.Folder!, "checkpoints");
        if (Directory.Exists(checkpoints))
        {
            Directory.Delete(checkpoints, recursive: true);
        }

        return result;
    }

    private void Begin(Race race)
    {
        RaceOptions options = race.Options;
        Console.WriteLine($"comparing {options.Contenders.Count} optimizers in {_folder.Path}: {_setup.Validation.Metric}, {(_setup.Validation.LowerIsBetter ? "lower" : "higher")} is better");
        Console.WriteLine(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $"each: {(options.Equal == EqualBudget.Trials ? $"{options.Trials} trials" : "equal seconds")} of {options.SearchLength * 100:0.#} % of a run to find its settings, then {options.Seeds} runs at the best ones, seeds {race.Seeds[0]} to {race.Seeds[^1]}{(_options.Minutes is { } minutes ? $"; all of it in {minutes:0.##} minutes" : "")}"));
        foreach (Contender contender in options.Contenders)
        {
            Console.WriteLine($"  {contender.Name}: {string.Join(", ", contender.Space.Parameters.Select(static parameter => $"{parameter.Name}={parameter}"))}");
        }

        foreach ((string name, string why) in _setup.LeftOut)
        {
            Console.WriteLine($"  without {name}: {why}");
        }
    }

    private int Report(Outcome outcome, bool interrupted)
    {
        _folder.Write(outcome, _setup, _options.Name);
        Console.WriteLine();
        foreach (string line in TextTable.Lines([CompareText.Heads(outcome), .. CompareText.Rows(outcome)]))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine(CompareText.Target(outcome));
        foreach (string note in outcome.Result.Notes)
        {
            Console.WriteLine(note);
        }

        Console.WriteLine();
        Console.WriteLine(outcome.Sentence);
        if (outcome.Check is { } check)
        {
            Console.WriteLine(check.Sentence);
        }

        Console.WriteLine();
        Console.WriteLine($"page: {Shell.Path(_folder.Page)}");
        Console.WriteLine($"figures: {Shell.Path(_folder.Json)}, {Shell.Path(_folder.Csv)}");
        if (outcome.Result.Verdict.Best is { } best)
        {
            Console.WriteLine($"to train it: descent train {Shell.Path(_folder.Best(best))}");
        }

        if (interrupted)
        {
            Console.WriteLine("interrupted; the same command goes on with the comparison");
            return ExitCode.Interrupted;
        }

        if (outcome.Result.Verdict.Best is null)
        {
            string? why = outcome.Result.Entries.Select(static entry => entry.LastFailure).FirstOrDefault(static reason => reason is not null);
            Console.Error.WriteLine($"descent: no run ended well{(why is null ? "" : $"; one that failed: {why}")}");
            return ExitCode.Failed;
        }

        return outcome.Check is { Holds: false } ? ExitCode.Failed : ExitCode.Done;
    }
}
