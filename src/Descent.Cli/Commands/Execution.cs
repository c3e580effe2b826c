using Descent.Cli.Progress;
using Descent.Cli.Report;
using Descent.Training;
using Descent.Training.Models;
using Spectre.Console;

namespace Descent.Cli.Commands;

/// <summary>Carries a run that was begun or is resumed: shows it, lets it be interrupted, writes its report, says how it ended.</summary>
internal static class Execution
{
    /// <summary>Opens the run with <paramref name="open"/>, trains it to its end and returns the exit code.</summary>
    public static int Run(Func<IReadOnlyList<ITrainingObserver>, IProgress<string>, TrainingRun> open)
    {
        ITrainingObserver progress = ProgressDisplay.Create(
            AnsiConsole.Console, Console.IsOutputRedirected, Environment.GetEnvironmentVariable, TimeProvider.System);
        using var terminal = progress as IDisposable;
        using var interruption = new Interruption(progress.OnWarning);
        using TrainingRun run = open([progress], new Preparation(Console.Out));
        RunStopped stopped = run.Execute(interruption.Token);

        WriteReport(run.Directory);
        if (stopped.Reason is StopReason.NonFinite or StopReason.Memory)
        {
            Console.Error.WriteLine($"descent: {stopped.Message}");
        }

        Console.WriteLine(Next(run, stopped));
        return stopped.Reason switch
        {
            StopReason.Interrupted => ExitCode.Interrupted,
            StopReason.NonFinite or StopReason.Memory => ExitCode.Failed,
            _ => ExitCode.Done,
        };
    }

    // The training is done and saved, whatever becomes of the page about it.
    private static void WriteReport(RunDirectory directory)
    {
        try
        {
            ReportWriter.Write([directory.Path], directory.ReportPath);
            Console.WriteLine($"report: {directory.ReportPath}");
        }
        catch (BadInputException exception)
        {
            Console.Error.WriteLine($"warning: {exception.Message.Replace("Choose another file with --output.", "", StringComparison.Ordinal).TrimEnd(' ', '.')}. Write it elsewhere with descent report {Shell.Path(directory.Path)} --output FILE.");
        }
    }

    private static string Next(TrainingRun run, RunStopped stopped)
    {
        string directory = Shell.Path(run.Directory.Path);
        return stopped.Reason switch
        {
            StopReason.Interrupted or StopReason.Memory => $"to go on: descent resume {directory}",
            not StopReason.NonFinite when run.Model is GptModel => $"to let it write: descent generate {directory} --prompt \"…\"",
            _ => $"to compare it with another run: descent report {directory} OTHER_RUN",
        };
    }
}
