using Descent.Cli.Progress;
using Descent.Cli.Tuning;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Tuning;
using Spectre.Console;

namespace Descent.Cli.Validation;

/// <summary>The whole of <c>descent cross-validate</c>: trains every fold that isn't done, and sums up.</summary>
internal sealed class CrossValidateSession
{
    private readonly CrossValidateOptions _options;
    private readonly RunConfiguration _run;
    private readonly FoldOptions _folds;
    private readonly CrossValidationFolder _folder;
    private readonly FoldFolder _places;

    private CrossValidateSession(CrossValidateOptions options, RunConfiguration run, CrossValidationFolder folder)
    {
        (_options, _run, _folder) = (options, run, folder);
        _folds = run.Training.Validation.Folds!;
        _places = new FoldFolder(folder.FullPath, _folds);
    }

    /// <summary>Validates, or goes on with it.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CrossValidateOptions options)
    {
        // All that can be refused without a run is refused before anything is written.
        bool searches = options.Settings.Any(static setting => ParameterText.IsParameter(setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim()))
            || RunTemplate.Load(options.File).Search.Count > 0;
        (RunConfiguration run, string description, IReadOnlyList<string> settings) = searches ? Searched(options) : Plain(options);
        if (run.Training.Validation.Fold is { } fold)
        {
            throw new BadInputException($"validation.fold is {fold}, one of the folds, and cross-validate trains them all; leave it out, or train that one with 'descent train'");
        }

        if (!searches && run.Training.Validation.InnerFolds is not null)
        {
            throw new BadInputException("validation.inner_folds is for a nested search, and nothing is searched; give ranges with --set optimizer.learning_rate=log(1e-5,1e-1) or a section 'search', or leave it out");
        }

        if (!searches && (options.Search is { Trials: not null } or { Sampler: not null } or { Pruner: not null }))
        {
            string option = options.Search.Trials is not null ? "--trials" : options.Search.Sampler is not null ? "--sampler" : "--pruner";
            throw new BadInputException($"{option} is for the search within each fold, and nothing is searched; give ranges with --set optimizer.learning_rate=log(1e-5,1e-1) or a section 'search', or leave it out");
        }

        if (searches)
        {
            var template = RunTemplate.Load(options.File);
            TuneObjectives objectives = options.Search.MakeObjectives(template, run.Training.Validation);
            options.Search.RequireMetricAlone(objectives, template, $"the search within each fold takes the one trial with the best {objectives.Deciding}; leave the objectives out");
            if (Rounds.AreMadeBy(options.Search.MakeSampler(template, objectives)))
            {
                throw new BadInputException("a nested search trains each trial by itself, and that sampler trains in rounds; take another one");
            }

            _ = options.Search.MakePruner(template, rounds: false, folds: true, objectives);
            _ = options.Search.MakeLoop();
        }

        RequireFolds(run);
        using var folder = new CrossValidationFolder(options.Folder, description);
        OutputFolder.ShareTokenizers(folder.FullPath);
        var session = new CrossValidateSession(options with { Settings = settings }, run, folder);
        return await session.WorkAsync(searches).ConfigureAwait(false);
    }

    // What can't be divided is refused before anything is said or written. Of a text the bytes are enough: a vocabulary takes time to learn.
    private static void RequireFolds(RunConfiguration run)
    {
        RunConfiguration first = FoldChoice.Runs(run)[0];
        _ = (first.Data is TextDataOptions text ? first with { Data = text with { Tokenizer = "byte" } } : first).OpenData();
    }

    private static (RunConfiguration, string, IReadOnlyList<string>) Plain(CrossValidateOptions options)
    {
        RunConfiguration run = RunFile.Load(options.File, options.Settings);
        if (run.Training.Validation.Folds is null)
        {
            run = run with { Training = run.Training with { Validation = run.Training.Validation with { Folds = run.Data.DefaultFolds() } } };
        }

        run = run with { Data = run.Data.WithFullPaths() };
        return (run, RunFile.Write(run), options.Settings);
    }

    // Trials are trained on the outer folds' training parts alone; the point in the middle stands for all in what isn't searched.
    private static (RunConfiguration, string, IReadOnlyList<string>) Searched(CrossValidateOptions options)
    {
        IReadOnlyList<string> settings = options.Settings;
        var search = Search.Load(options.File, settings);
        RunConfiguration run = search.Middle();
        if (run.Training.Validation.Folds is null)
        {
            settings = [.. settings, $"validation.folds.kind={run.Data.DefaultFolds().Kind}"];
            search = Search.Load(options.File, settings);
            run = search.Middle();
        }

        return (run, search.Describe(TuneObjectives.Default(search.Validation)) + $"# each search: {options.Search.Describe()}\n", settings);
    }

    private async Task<int> WorkAsync(bool searches)
    {
        string metric = _run.Training.Validation.Metric;
        Console.WriteLine($"cross validation in {_folder.FullPath}: {_folds.Describe()}; {metric}, {(_run.Training.Validation.LowerIsBetter ? "lower" : "higher")} is better");
        bool live = !searches && ProgressDisplay.IsLive(AnsiConsole.Console, Console.IsOutputRedirected, Environment.GetEnvironmentVariable);
        FoldFailedException? failure = null;
        bool interrupted = false;
        FoldsDisplay display = live ? new LiveFoldsDisplay(AnsiConsole.Console, _folds, metric) : new PlainFoldsDisplay(Console.Out, _folds);
        await using (display.ConfigureAwait(false))
        {
            using Interruption? interruption = searches ? null : new Interruption(display.Say);
            try
            {
                if (searches)
                {
                    interrupted = !await NestAsync(display).ConfigureAwait(false);
                }
                else
                {
                    await TrainAsync(display, interruption!.Token).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (interruption is { Token.IsCancellationRequested: true })
            {
                interrupted = true;
            }
            catch (FoldFailedException exception)
            {
                failure = exception;
            }
        }

        if (failure is { IsRefused: true })
        {
            _folder.Undo();
            throw new BadInputException(failure.Message, failure);
        }

        if (failure is not null)
        {
            Console.Error.WriteLine($"descent: {failure.Message}. The folds that are done are kept; the same command goes on with the rest.");
            return ExitCode.Failed;
        }

        if (interrupted)
        {
            Console.WriteLine("interrupted; the same command goes on with the folds");
            return ExitCode.Interrupted;
        }

        return Report();
    }

    private async Task TrainAsync(FoldsDisplay display, CancellationToken interruption)
    {
        IReadOnlyList<RunConfiguration> runs = FoldChoice.Runs(_run);
        int workers = Math.Min(_options.Workers, runs.Count);
        int threads = Math.Max(1, Environment.ProcessorCount / workers);
        foreach (FoldResult done in Enumerable.Range(0, runs.Count).Select(_places.ResultOf).OfType<FoldResult>())
        {
            display.Ended(done, before: true);
        }

        // The first failure stops the others, each with a checkpoint.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        FoldFailedException? failure = null;
        var waiting = new Queue<int>(Enumerable.Range(0, runs.Count).Where(fold => _places.ResultOf(fold) is null));
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            while (Next() is { } fold)
            {
                try
                {
                    display.Started(fold);
                    await FoldProcess.RunAsync(
                        runs[fold], _places.Of(fold), threads, (step, total) => display.Progress(fold, step, total), message => display.Say($"{FoldsText.Name(_folds, fold)}: {message}"), null, stop.Token)
                        .ConfigureAwait(false);
                    display.Ended(_places.ResultOf(fold)!, before: false);
                }
                catch (FoldFailedException exception)
                {
                    Interlocked.CompareExchange(ref failure, exception.IsRefused ? exception : new FoldFailedException($"{FoldsText.Name(_folds, fold)}: {exception.Message}", isRefused: false), null);
                    await stop.CancelAsync().ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    return;
                }
            }
        })).ConfigureAwait(false);
        if (failure is not null)
        {
            throw failure;
        }

        interruption.ThrowIfCancellationRequested();

        int? Next()
        {
            lock (waiting)
            {
                return stop.IsCancellationRequested || !waiting.TryDequeue(out int fold) ? null : fold;
            }
        }
    }

    /// <summary>For each fold a search within its training part, and a run at the best settings. False: it was interrupted.</summary>
    private async Task<bool> NestAsync(FoldsDisplay display)
    {
        int threads = Math.Max(1, Environment.ProcessorCount);
        for (int fold = 0; fold < _folds.Total; fold++)
        {
            if (_places.ResultOf(fold) is { } done)
            {
                display.Ended(done, before: true);
                continue;
            }

            display.Say($"{FoldsText.Name(_folds, fold)}: searching within its training part");
            string[] place = [$"validation.fold={fold}", .. _run.Training.Validation.InnerFolds is null ? (string[])["validation.inner_fold=0"] : []];
            (int code, StudySummary? summary, Search search) = await TuneSession.SearchAsync(_options.Search with
            {
                File = _options.File,
                Settings = [.. _options.Settings, .. place],
                Study = $"{_options.Name}-fold-{fold}",
                Output = Path.Combine(_folder.FullPath, "search", Path.GetFileName(_places.Of(fold))),
                Workers = _options.Workers,
            }).ConfigureAwait(false);
            if (code == ExitCode.Interrupted)
            {
                return false;
            }

            if (summary?.Best is not { } best)
            {
                throw new FoldFailedException($"{FoldsText.Name(_folds, fold)}: no trial of its search is complete{(summary?.LastFailure is { } why ? $"; the last one that failed: {why}" : "")}", isRefused: false);
            }

            display.Say($"{FoldsText.Name(_folds, fold)}: the search chose {TuneText.Point(best.Point)}");
            RunConfiguration run = search.At(best.Point);
            run = run with
            {
                Training = run.Training with
                {
                    Seed = run.Training.Seed + (fold / _folds.Count),
                    Validation = run.Training.Validation with { Fold = fold, InnerFolds = null, InnerFold = null },
                },
            };
            using var interruption = new Interruption(display.Say);
            try
            {
                await FoldProcess.RunAsync(run, _places.Of(fold), threads, (step, total) => display.Progress(fold, step, total), display.Say, null, interruption.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
            {
                return false;
            }
            catch (FoldFailedException exception)
            {
                throw new FoldFailedException($"{FoldsText.Name(_folds, fold)}: {exception.Message}", isRefused: false);
            }

            FoldResult result = _places.ResultOf(fold)! with { Settings = best.Point.ToDictionary(static pair => pair.Key, static pair => pair.Value.ToString()) };
            _places.Save(result);
            display.Ended(result, before: false);
        }

        return true;
    }

    private int Report()
    {
        CrossValidationResult result = CrossValidationResult.Read(_places, _folds, _run.Training.Validation);
        result.Save(_places);
        foreach (string line in FoldsText.Table(result).Concat(FoldsText.Notes(result)))
        {
            Console.WriteLine(line);
        }

        FoldsPage.Write(_options.Name, _folds, result, _places, _folder.ReportPath);
        Console.WriteLine($"folds: {Shell.Path(_places.ResultsPath)}");
        Console.WriteLine($"out-of-fold predictions: {Shell.Path(_places.PredictionsPath)}");
        Console.WriteLine($"report: {Shell.Path(_folder.ReportPath)}");
        return ExitCode.Done;
    }
}
