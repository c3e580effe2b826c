using System.CommandLine;
using System.Text.Json;
using Descent.Cli.Bench;

namespace Descent.Cli.Commands;

/// <summary><c>descent bench loss</c>: a language model's head and loss with whole logits and in chunks.</summary>
internal static class BenchLossCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option<int> batch = Whole("--batch", "Sequences.", 4), context = Whole("--context", "Tokens a sequence.", 1024), vocabulary = Whole("--vocabulary", "Tokens that the model knows.", 50_257);
        Option<int> width = Whole("--width", "Features a token.", 768), rounds = Whole("--rounds", "Measurements of each, in turns.", 5);
        var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
        var command = new DescentCommand(
            "loss",
            "Computes a language model's head and cross entropy, forward and backward, with whole logits by libtorch and in chunks by Descent, and compares memory and time.",
            """
            descent bench loss
            descent bench loss --context 2048 --vocabulary 128256 --width 1024
            """)
        {
            batch,
            context,
            vocabulary,
            width,
            rounds,
            json,
        };
        command.SetAction(parsed =>
        {
            LossFigures[] figures = LossBench.Run(parsed.GetValue(batch) * parsed.GetValue(context), parsed.GetValue(width), parsed.GetValue(vocabulary), parsed.GetValue(rounds));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(figures, BenchJson.Default.LossFiguresArray));
                return ExitCode.Done;
            }

            foreach (LossFigures row in figures)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{row.Variant,-13} {row.PeakBytes / 1e6,7:F0} MB ({row.PeakBytes / figures[0].PeakBytes:P0})  {row.Milliseconds,7:F0} ms ({row.Milliseconds / figures[0].Milliseconds:F2} ×)  loss {row.Loss:F4}"));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Option<int> Whole(string name, string description, int standard)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1_000_000)
            {
                result.AddError($"{name} is {result.GetValueOrDefault<int>()}; allowed: 1 to 1000000");
            }
        });
        return option;
    }
}
