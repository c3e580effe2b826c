using Descent.Training.Data;
using Descent.Training.Folds;
using Descent.Training.Initialization;
using Descent.Training.Models;

namespace Descent.Training.Configuration;

/// <summary>A whole run: the model, the data, where the weights start, and how they are trained. What a run file says.</summary>
public sealed record RunConfiguration
{
    /// <summary>The model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>The data, how it is split and the size of a batch.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Where the weights start.</summary>
    public InitializationOptions Initialization { get; init; } = new();

    /// <summary>How the model is trained. In a run file these keys stand beside <c>model</c> and <c>data</c>.</summary>
    [InlineSection]
    public TrainingOptions Training { get; init; } = new();

    /// <summary>Reads the data into memory, divided as <see cref="ValidationOptions"/> says.</summary>
    /// <param name="progress">Told in a few words what is being done; may be null.</param>
    /// <param name="tokenizer">The folder of the tokenizer to take for text; null: the data's own.</param>
    /// <exception cref="BadInputException">The data is missing or can't be used, or there are folds and none is chosen.</exception>
    public DataSplit OpenData(IProgress<string>? progress = null, string? tokenizer = null)
    {
        DataOptions data = tokenizer is not null && Data is TextDataOptions text ? text with { Tokenizer = tokenizer } : Data;
        return FoldChoice.Of(Training.Validation) is { } fold ? data.Open(fold, progress) : data.Open(progress);
    }

    /// <summary>
    /// The default run: a small GPT on the English of the .NET SDK's XML documentation, laid out to end within four minutes, start
    /// included, on two cores.
    /// </summary>
    public static RunConfiguration Default => RunFile.Parse(DefaultRun.Yaml, "the built-in run");
}
