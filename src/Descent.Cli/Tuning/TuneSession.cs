using Descent.Cli.Progress;
using Descent.Cli.Studies;
using Descent.Journal;
using Descent.Training;
using Descent.Training.Folds;
using Descent.Tuning;
using Spectre.Console;

namespace Descent.Cli.Tuning;

/// <summary>Opens a study, works at it until it is done or interrupted, and writes down what came of it.</summary>
internal sealed class TuneSession
{
    private readonly TuneOptions _options;
    private readonly Search _search;
    private readonly StudyFolder _folder;

    private readonly TuneObjectives _objectives;
    private readonly bool _rounds;

    private TuneSession(TuneOptions options, Search search, StudyFolder folder, TuneObjectives objectives, bool rounds) =>
        (_options, _search, _folder, _objectives, _rounds) = (options, search, folder, objectives, rounds);

    /// <summary>The whole of <c>descent tune</c>.</summary>
    /// <param name="options">How to search.</param>
    /// <param name="ended">Is told what came of it.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(TuneOptions options, Action<StudySummary>? ended = null)
    {
        (TuneSession session, int code, StudySummary? summary) = await WorkAsync(options).ConfigureAwait(false);
        if (summary is null)
        {
            return code;
        }

        ended?.Invoke(summary);
        return session.Report(summary, code == ExitCode.Interrupted);
    }

    /// <summary>A search within another command, that says what came of it.</summary>
    /// <returns>The exit code, the study so far (none: it broke) and what is searched.</returns>
    public static async Task<(int Code, StudySummary? Summary, Search Search)> SearchAsync(TuneOptions options)
    {
        (TuneSession session, int code, StudySummary? summary) = await WorkAsync(options).ConfigureAwait(false);
        return (code, summary, session._search);
    }

    private static async Task<(TuneSession, int, StudySummary?)> WorkAsync(TuneOptions options)
    {
        // All that can be refused without a trial is refused before anything is written.
        var search = Search.Load(options.File, options.Settings);
        TuneObjectives objectives = options.MakeObjectives(search.Template, search.Validation);
        ISampler sampler = options.MakeSampler(search.Template, objectives);
        bool rounds = Rounds.AreMadeBy(sampler);
        bool folds = FoldChoice.Runs(search.Middle()).Count > 0;
        IPruner? pruner = options.MakePruner(search.Template, rounds, folds, objectives);
        if (rounds)
        {
            Rounds.Require(search);
        }

        OptimizeOptions loop = options.MakeLoop();
        var folder = new StudyFolder(options.Folder);
        folder.Agree(search, objectives);

        // The same command without --journal goes on with the study that is in the folder.
        options = options with { Journal = options.Journal ?? (StudyOrigin.Read(folder.Path) is { } origin && origin.Study == options.Name ? origin.Journal : null) };
        OutputFolder.ShareTokenizers(folder.Path);
        await using Study study = await OpenAsync(options, search, folder, objectives, sampler, pruner).ConfigureAwait(false);
        new StudyOrigin(options.Name, options.Journal).Write(folder.Path);
        var session = new TuneSession(options, search, folder, objectives, rounds);
        (int code, StudySummary? summary) = await session.WorkAsync(study, loop).ConfigureAwait(false);
        return (session, code, summary);
    }

    private static async Task<Study> OpenAsync(TuneOptions options, Search search, StudyFolder folder, TuneObjectives objectives, ISampler sampler, IPruner? pruner)
    {
        try
        {
            return await Study.OpenAsync(options.Journal ?? folder.Journal, options.Name, new StudyOptions
            {
                Space = search.Space,
                Directions = objectives.Directions,
                Objectives = objectives.Names,
                Seed = options.Seed,
                Sampler = sampler,
                Pruner = pruner,
                Folder = folder.Trials,
                Lease = TimeSpan.FromSeconds(options.Lease),
            }).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StudyException or JournalException)
        {
            throw new BadInputException(exception.Message, exception);
        }
    }

    private async Task<(int Code, StudySummary? Summary)> WorkAsync(Study study, OptimizeOptions loop)
    {
        Console.WriteLine($"study '{study.Name}' in {_folder.Path}: {(_objectives.Several ? string.Join(", ", _objectives.All.Select(static one => $"{one.Name} ({one.Better})")) : $"{_objectives.All[0].Name}, {_objectives.All[0].Better}")}, over");
        foreach (string line in study.Space.ToString().Split('\n'))
        {
            Console.WriteLine("  " + line);
        }

        if (_objectives.AreOfOtherWeights)
        {
            Console.WriteLine($"note: {string.Join(" and ", _objectives.OtherMetrics)} {(_objectives.OtherMetrics.Count == 1 ? "is" : "are")} measured where {_objectives.Deciding} is best, which decides within a run (validation.metric)");
        }

        bool live = ProgressDisplay.IsLive(AnsiConsole.Console, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        bool interrupted = false;
        string? refused = null;
        string? broken = null;
        TuneDisplay display = live ? new LiveTuneDisplay(AnsiConsole.Console, study, new TuneTable(_objectives.All, loop.Trials)) : new PlainTuneDisplay(Console.Out, _objectives);
        await using (display.ConfigureAwait(false))
        {
            using var interruption = new Interruption(display.Say);
            var runner = new TrialRunner(display, Math.Max(1, Environment.ProcessorCount / _options.Workers), _rounds, objectives: _objectives);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption.Token, runner.Hopeless.Token);
            try
            {
                await study.OptimizeAsync((trial, token) => runner.RunAsync(trial, () => _search.At(trial.Configuration), token), loop with { MemoryOf = runner.MemoryOf }, stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                interrupted = interruption.Token.IsCancellationRequested;
                refused = runner.AlwaysRefused;
            }
            catch (Exception exception) when (exception is StudyException or JournalException)
            {
                broken = exception.Message;
            }
        }

        if (broken is not null)
        {
            Console.Error.WriteLine($"descent: {broken} The same command goes on with the study.");
            return (ExitCode.Failed, null);
        }

        if (refused is not null && !interrupted)
        {
            throw new BadInputException($"no trial could be begun: {refused}");
        }

        return (interrupted ? ExitCode.Interrupted : ExitCode.Done, await _folder.WriteAsync(study, _search, _objectives, CancellationToken.None).ConfigureAwait(false));
    }

    private int Report(StudySummary summary, bool interrupted)
    {
        Console.WriteLine($"trials: {(summary.Counts.Length == 0 ? "none" : summary.Counts)}");
        bool any = summary.Best is not null || summary.Front.Count > 0;
        if (any && summary.LastFailure is { } failure)
        {
            Console.WriteLine($"the last one that failed: {failure}");
        }

        if (summary.Best is { } best)
        {
            Console.WriteLine($"best: trial {best.Number}, {_objectives.All[0].Say(best.Value)}, with {TuneText.Point(best.Point)}");
            bool folds = FoldChoice.Runs(_search.At(best.Point)).Count > 0;
            Console.WriteLine(summary.Schedule is { } schedule
                ? $"its settings changed {Figures.Of(schedule.Rounds.Distinct().Count() - 1, "time")} in {Figures.Of(schedule.Rounds.Count, "round")}; to train it anew: the same command with another --out and --sampler {Shell.Argument($"replay(file={Path.GetRelativePath(Environment.CurrentDirectory, _folder.Schedule)})")}"
                : folds ? $"to train it with a fraction held out: descent train {Shell.Path(_folder.Best)} --set validation.folds=~"
                : $"to train it anew: descent train {Shell.Path(_folder.Best)}");
            if (summary.Schedule is null && !folds && best.Run is { } run && Directory.Exists(run))
            {
                Console.WriteLine($"to train it longer: descent resume {Shell.Path(run)} --set {Longer()}");
            }
        }

        foreach (string line in FrontText.Lines(summary.Front, _objectives, _search, _folder))
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"all trials: {Shell.Path(_folder.Table)}");
        Console.WriteLine($"report: {Shell.Path(_folder.Report)}");

        if (interrupted)
        {
            Console.WriteLine("interrupted; the same command goes on with the study");
            return ExitCode.Interrupted;
        }

        if (!any)
        {
            Console.Error.WriteLine($"descent: no trial is complete{(summary.LastFailure is { } why ? $"; the last one that failed: {why}" : "")}");
            return ExitCode.Failed;
        }

        return ExitCode.Done;
    }

    // Twice what a trial had, by what ended it.
    private string Longer()
    {
        Training.Configuration.StopOptions? stop = _search.Middle().Training.Stop;
        return FormattableString.Invariant(stop switch
        {
            { Steps: { } steps } => $"stop.steps={2 * steps}",
            { Epochs: { } epochs } => $"stop.epochs={2 * epochs}",
            _ => (FormattableString)$"stop.minutes={2 * (stop?.Minutes ?? 1)}",
        });
    }
}
