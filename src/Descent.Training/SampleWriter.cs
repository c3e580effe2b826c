using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Training;

/// <summary>Lets a language model continue a prompt.</summary>
public static class SampleWriter
{
    /// <summary>A writer for models that write text, null for others.</summary>
    internal static Func<SampleOptions, string>? For(Model model, ITokenizer? tokenizer, long seed)
        => model is GptModel gpt && tokenizer is not null
            ? options => string.Concat(Continue(gpt, tokenizer, options.Prompt, new GenerationOptions
            {
                MaximumTokens = options.Tokens,
                Temperature = options.Temperature,
                TopK = options.TopK ?? 0,
                Seed = seed,
            }))
            : null;

    /// <summary>Continues <paramref name="prompt"/>, piece by piece as it is written.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">The tokenizer it was trained with.</param>
    /// <param name="prompt">The text to continue; an empty one is a line break, the start of a paragraph.</param>
    /// <param name="options">How many tokens, and how they are drawn.</param>
    /// <returns>Pieces of text without the prompt.</returns>
    public static IEnumerable<string> Continue(GptModel model, ITokenizer tokenizer, string prompt, GenerationOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(prompt);
        var written = new List<int>();
        int told = 0;
        foreach (int token in new TextGenerator(model).Generate(tokenizer.Encode(prompt.Length > 0 ? prompt : "\n"), options))
        {
            // A token can end within a character: only what decodes whole is told.
            written.Add(token);
            string text = tokenizer.Decode([.. written]);
            int whole = text.EndsWith('\uFFFD') ? told : text.Length;
            if (whole > told)
            {
                yield return text[told..whole];
                told = whole;
            }
        }
    }
}
