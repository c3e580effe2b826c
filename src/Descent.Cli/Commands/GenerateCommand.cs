using System.CommandLine;
using Descent.Cli.Progress;
using Descent.Training;
using Descent.Training.Checkpoints;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Cli.Commands;

/// <summary><c>descent generate</c>: lets a trained language model write.</summary>
internal static class GenerateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var defaults = new GenerationOptions();
        var run = new Argument<string>("RUN_DIR") { Description = "The folder of the run." };
        var prompt = new Option<string>("--prompt") { Description = "The text to continue. Default: a line break.", HelpName = "TEXT", DefaultValueFactory = _ => "" };
        var tokens = new Option<int>("--tokens") { Description = "Most tokens to write.", HelpName = "N", DefaultValueFactory = _ => defaults.MaximumTokens };
        var temperature = new Option<double>("--temperature")
        {
            Description = "Above 1 more varied, below 1 more careful; 0 always takes the likeliest token.",
            HelpName = "T",
            DefaultValueFactory = _ => defaults.Temperature,
        };
        var topK = new Option<int>("--top-k") { Description = "Draw only from the K likeliest tokens; 0 draws from all.", HelpName = "K", DefaultValueFactory = _ => defaults.TopK };
        var seed = new Option<long>("--seed") { Description = "The same seed, weights and prompt give the same text.", HelpName = "N", DefaultValueFactory = _ => defaults.Seed };
        Option<string> weights = ExportCommand.WeightsOption();
        var command = new DescentCommand(
            "generate",
            "Writes text with a trained language model, piece by piece as it is drawn.",
            """
            descent generate runs/first --prompt "Returns the number of"
            descent generate runs/first --tokens 500 --temperature 0.6 --seed 3
            """)
        {
            run,
            prompt,
            tokens,
            temperature,
            topK,
            seed,
            weights,
        };
        command.SetAction(parsed =>
        {
            GenerationOptions options;
            try
            {
                options = new GenerationOptions
                {
                    MaximumTokens = parsed.GetValue(tokens),
                    Temperature = parsed.GetValue(temperature),
                    TopK = parsed.GetValue(topK),
                    Seed = parsed.GetValue(seed),
                };
            }
            catch (ArgumentOutOfRangeException refusal)
            {
                Option option = refusal.ParamName switch
                {
                    nameof(GenerationOptions.MaximumTokens) => tokens,
                    nameof(GenerationOptions.TopK) => topK,
                    _ => temperature,
                };
                throw new BadInputException(Refusal.Of(refusal, option.Name), refusal);
            }

            Write(parsed.GetRequiredValue(run), parsed.GetRequiredValue(weights), parsed.GetRequiredValue(prompt), options);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(string runDirectory, string weights, string prompt, GenerationOptions options)
    {
        using RunDirectory directory = RunDirectory.OpenToRead(runDirectory);
        RunConfiguration configuration = RunFile.Load(directory.ConfigurationPath);
        if (configuration is not { Model: GptOptions, Data: TextDataOptions data })
        {
            throw new BadInputException($"{directory.Path}: the model is '{configuration.Model.Kind}', which writes no text; give the run of a model of kind 'gpt'");
        }

        ITokenizer tokenizer = Tokenizers.Load(directory.TokenizerPath);
        var shape = new DataShape { Task = TaskKind.LanguageModel, InputShape = [data.Context], Outputs = tokenizer.VocabularySize, Context = data.Context };
        using var model = (GptModel)configuration.Model.Build(shape, configuration.Training.Memory);
        ModelTensors.Load(model, ExportCommand.Open(runDirectory, weights).ModelPath);

        foreach (string piece in SampleWriter.Continue(model, tokenizer, prompt, options).Prepend(prompt))
        {
            Console.Write(Console.IsOutputRedirected ? piece : RunText.Harmless(piece));
        }

        Console.WriteLine();
    }
}
