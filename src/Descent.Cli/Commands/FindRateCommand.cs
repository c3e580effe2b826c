using System.CommandLine;
using Descent.Cli.Rates;
using Descent.Cli.Report;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;
using Descent.Training.Probing;

namespace Descent.Cli.Commands;

/// <summary><c>descent find-lr</c>: a learning rate from one short training, and how large a batch is worth it.</summary>
internal static class FindRateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new RateRange();
        Argument<string?> file = TrainCommand.FileArgument();
        Option<string?> data = TrainCommand.DataOption();
        Option<string[]> settings = TrainCommand.SettingsOption();
        var seed = new Option<long?>("--seed") { Description = "Where all randomness comes from. Short for --set seed=N.", HelpName = "N" };
        var from = new Option<double>("--from") { Description = "The first rate.", HelpName = "RATE", DefaultValueFactory = _ => defaults.From };
        var to = new Option<double>("--to") { Description = "The last rate.", HelpName = "RATE", DefaultValueFactory = _ => defaults.To };
        var steps = new Option<long>("--steps") { Description = "Steps from the first rate to the last.", HelpName = "N", DefaultValueFactory = _ => defaults.Steps };
        var noise = new Option<long>("--noise-steps") { Description = "Steps of training at the suggested rate before the gradient noise scale is measured; 0 leaves it out.", HelpName = "N", DefaultValueFactory = static _ => 50 };
        var output = new Option<string>("--output", "-o") { Description = "The page to write.", HelpName = "FILE", DefaultValueFactory = static _ => "find-lr.html" };
        var command = new DescentCommand(
            "find-lr",
            "Finds a learning rate: one short training with a rate that grows from tiny to huge, its curve and what it suggests; and how large a batch is worth it. The weights are thrown away.",
            """
            descent find-lr run.yaml
            descent find-lr run.yaml --from 1e-5 --to 1 --steps 300
            descent find-lr run.yaml --set optimizer.kind=sgd --noise-steps 0 --output sgd.html
            """)
        {
            file,
            data,
            settings,
            seed,
            from,
            to,
            steps,
            noise,
            output,
        };
        command.SetAction(parsed =>
        {
            RunConfiguration configuration = RunFile.Load(parsed.GetValue(file), TrainCommand.Overrides(parsed, data, null, seed, settings));
            RateRange range = Checked(() => new RateRange { From = parsed.GetValue(from), To = parsed.GetValue(to), Steps = parsed.GetValue(steps) });
            return Run(configuration, range, Math.Max(0, parsed.GetValue(noise)), Path.GetFileNameWithoutExtension(parsed.GetValue(file) ?? "default"), parsed.GetRequiredValue(output));
        });
        return command;
    }

    private static int Run(RunConfiguration configuration, RateRange range, long noiseSteps, string name, string output)
    {
        using var interruption = new Interruption(static _ => Console.Error.WriteLine("stopping after this step"));
        var progress = new Preparation(Console.Out);
        DataSplit data = configuration.OpenData(progress);
        TrainingOptions options = configuration.Training;
        int batch = configuration.Data.BatchSize;
        try
        {
            progress.Report($"{range.Steps} steps from {Figures.Rate(range.From)} to {Figures.Rate(range.To)}");
            RateCurve curve;
            using (Model model = Fresh(configuration, data))
            {
                curve = RateRangeTest.Run(model, data, batch, options, range, interruption.Token);
            }

            foreach (string line in RateChart.Draw(curve, Width()).Concat(RateText.Lines(curve)))
            {
                Console.WriteLine(line);
            }

            IReadOnlyList<string> noise = noiseSteps > 0 && curve.Suggestion is { } rate ? Noise(configuration, data, rate, noiseSteps, interruption.Token) : [];
            foreach (string line in noise)
            {
                Console.WriteLine(line);
            }

            Page.Save(RatePage.Render(name, curve, noise), output);
            Console.WriteLine($"page: {Path.GetFullPath(output)}");
            return curve.Suggestion is null ? ExitCode.Failed : ExitCode.Done;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static IReadOnlyList<string> Noise(RunConfiguration configuration, DataSplit data, double rate, long steps, CancellationToken cancellation)
    {
        TrainingOptions options = configuration.Training;
        int batch = configuration.Data.BatchSize;
        using Model model = Fresh(configuration, data);
        RunStopped end = ProbeRun.Train(model, data, batch, options, rate, rate, steps, null, cancellation);
        cancellation.ThrowIfCancellationRequested();
        if (end.Reason == StopReason.NonFinite)
        {
            return [$"{end.Message}: at {Figures.Rate(rate)}, so that no noise scale could be measured"];
        }

        NoiseScale? noise = GradientNoise.Measure(model, data, batch, options, cancellation: cancellation);
        return noise is null
            ? ["there are too few samples for a gradient noise scale"]
            : RateText.Lines(noise, end.Step, rate, (long)batch * options.Gradients.Accumulate);
    }

    private static Model Fresh(RunConfiguration configuration, DataSplit data)
    {
        Model model = TrainingRun.Build(configuration, data.Training.Shape);
        configuration.Initialization.Apply(model, configuration.Training.Seed);
        return model;
    }

    private static int Width() => Console.IsOutputRedirected ? 80 : Spectre.Console.AnsiConsole.Profile.Width;

    private static RateRange Checked(Func<RateRange> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentOutOfRangeException exception)
        {
            throw new BadInputException($"--{exception.Message.Split(" (Parameter", 2)[0].ToLowerInvariant()}", exception);
        }
    }
}
