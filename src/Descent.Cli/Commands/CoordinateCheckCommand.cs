using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Descent.Cli.Coordinates;
using Descent.Cli.Report;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Parametrization;

namespace Descent.Cli.Commands;

/// <summary><c>descent coordinate-check</c>: whether a model's activations keep their size as it gets wider.</summary>
internal static class CoordinateCheckCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new CoordinateCheckOptions();
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> data = TrainCommand.DataOption();
        Option<string[]> settings = TrainCommand.SettingsOption();
        var widths = new Option<string>("--widths") { Description = "The widths to compare.", HelpName = "N,N,…", DefaultValueFactory = _ => string.Join(',', defaults.Widths) };
        var steps = new Option<int>("--steps") { Description = "Steps of training.", HelpName = "N", DefaultValueFactory = _ => defaults.Steps };
        var seeds = new Option<int>("--seeds") { Description = "Seeds to average over.", HelpName = "N", DefaultValueFactory = _ => defaults.Seeds };
        var json = new Option<bool>("--json") { Description = "Print the measurements as JSON, and write no page unless --output is given." };
        var output = new Option<string?>("--output", "-o") { Description = "The page to write. Default: coordinate-check.html.", HelpName = "FILE" };
        var command = new DescentCommand(
            "coordinate-check",
            "Trains a gpt or mlp for a few steps at several widths, in standard parametrization and in muP, and shows how the size of each layer's output, and its change, goes with the width.",
            """
            descent coordinate-check run.yaml
            descent coordinate-check run.yaml --widths 32,64,128,256 --steps 3 --output check.html
            """)
        {
            file,
            data,
            settings,
            widths,
            steps,
            seeds,
            json,
            output,
        };
        command.SetAction(parsed =>
        {
            RunConfiguration configuration = RunFile.Load(parsed.GetValue(file), TrainCommand.Overrides(parsed, data, null, null, settings));
            CoordinateCheckOptions options = Checked(parsed.GetRequiredValue(widths), parsed.GetValue(steps), parsed.GetValue(seeds));
            string name = Path.GetFileNameWithoutExtension(parsed.GetValue(file) ?? "default");
            return Run(configuration, options, name, parsed.GetValue(json), parsed.GetValue(output));
        });
        return command;
    }

    private static int Run(RunConfiguration configuration, CoordinateCheckOptions options, string name, bool json, string? output)
    {
        using var interruption = new Interruption(static _ => Console.Error.WriteLine("stopping after this step"));
        var progress = new Preparation(json ? Console.Error : Console.Out);
        try
        {
            DataSplit data = configuration.Data.Open(progress);
            CoordinateTable table = CoordinateCheck.Run(configuration, data, options, progress, interruption.Token);
            if (json)
            {
                Console.WriteLine(JsonSerializer.Serialize(CoordinateData.Of(table), CoordinateJson.Default.CoordinateData));
            }
            else
            {
                foreach (string line in CoordinateText.Table(table).Concat(CoordinateText.Verdicts(table)))
                {
                    Console.WriteLine(line);
                }
            }

            if (!json || output is not null)
            {
                output ??= "coordinate-check.html";
                Page.Save(CoordinatePage.Render(name, table), output);
                progress.Report($"page: {Path.GetFullPath(output)}");
            }

            return table.IsWidthIndependent(ParametrizationKind.Mup) ? ExitCode.Done : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static CoordinateCheckOptions Checked(string widths, int steps, int seeds)
    {
        string[] parts = widths.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.FirstOrDefault(static part => !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)) is { } wrong)
        {
            throw new BadInputException($"--widths has '{wrong}' in it; allowed: whole numbers, such as 64,128,256,512");
        }

        try
        {
            return new CoordinateCheckOptions { Widths = [.. parts.Select(static part => int.Parse(part, CultureInfo.InvariantCulture))], Steps = steps, Seeds = seeds };
        }
        catch (ArgumentException refusal)
        {
            throw new BadInputException(Refusal.Of(refusal, $"--{refusal.ParamName!.ToLowerInvariant()}"), refusal);
        }
    }
}
