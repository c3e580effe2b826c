using System.CommandLine;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Parametrization;

namespace Descent.Cli.Commands;

/// <summary><c>descent export</c>: the weights of a run as one file that other programs read.</summary>
internal static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var run = new Argument<string>("RUN_DIR") { Description = "The folder of the run." };
        var format = new Option<string>("--format") { Description = "The file's format. Default: safetensors.", DefaultValueFactory = _ => "safetensors" };
        format.AcceptOnlyFromAmong("safetensors");
        var output = new Option<string>("--output", "-o") { Description = "The file to write; folders that are missing are made, and a file that holds something else isn't written over.", HelpName = "FILE", Required = true };
        Option<string> weights = WeightsOption();
        var command = new DescentCommand(
            "export",
            "Writes the weights of a run into one file, checked against their checksum.",
            "descent export runs/first --format safetensors --output first.safetensors")
        {
            run,
            format,
            output,
            weights,
        };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(run);
            Checkpoint checkpoint = Open(folder, parsed.GetRequiredValue(weights));
            string file = Path.GetFullPath(parsed.GetRequiredValue(output));
            IReadOnlyList<WeightFold> folds = FoldsOf(folder);
            Copy(checkpoint.ModelPath, file, folds);
            Console.WriteLine($"{file}: the weights of step {Figures.Whole(checkpoint.State.Step)}, {Figures.Bytes(new FileInfo(file).Length)}");
            if (folds.Count > 0)
            {
                Console.WriteLine($"muP's multipliers are folded in ({string.Join(", ", folds.Select(static fold => fold.Name).Take(3))}{(folds.Count > 3 ? " …" : "")}): the weights fit the same model in standard parametrization");
            }

            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>The option that chooses between the best weights of a run and its last.</summary>
    public static Option<string> WeightsOption()
    {
        var weights = new Option<string>("--weights") { Description = "Which weights: best (by the deciding metric) or last. Default: best.", DefaultValueFactory = _ => "best" };
        return weights.AcceptOnlyFromAmong("best", "last");
    }

    /// <summary>Opens the best or the last good checkpoint of a run, and names damaged ones on the error stream.</summary>
    public static Checkpoint Open(string runDirectory, string weights)
    {
        using RunDirectory directory = RunDirectory.OpenToRead(runDirectory);
        var store = new CheckpointStore(directory.CheckpointsPath);
        return weights == "best" ? store.OpenBest(Warn) : store.OpenNewest(Warn);

        static void Warn(string message) => Console.Error.WriteLine($"descent: warning: {message}");
    }

    private static IReadOnlyList<WeightFold> FoldsOf(string runDirectory)
    {
        using RunDirectory directory = RunDirectory.OpenToRead(runDirectory);
        return RunFile.Load(directory.ConfigurationPath).Model.Folds;
    }

    private static void Copy(string source, string target, IReadOnlyList<WeightFold> folds)
    {
        try
        {
            OutputFile.RequireSafetensors(target);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            string temporary = target + ".tmp";
            if (folds.Count == 0)
            {
                File.Copy(source, temporary, overwrite: true);
            }
            else
            {
                WeightFold.Write(source, temporary, folds);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The weights can't be written to {target}: {exception.Message} Choose another file with --output.", exception);
        }
    }
}
