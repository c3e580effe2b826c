using System.Text.Json;
using Descent.Training.Checkpoints;

namespace Descent.Training.Folds;

/// <summary>Where the folds of a cross validation lie, and what is written of each when it is done.</summary>
/// <param name="path">The folder of the whole.</param>
/// <param name="folds">How the data is divided.</param>
public sealed class FoldFolder(string path, FoldOptions folds)
{
    /// <summary>The result of a fold, in its own folder: where it is, the fold is done.</summary>
    private const string ResultName = "fold.json";

    private const string PredictionsName = "out_of_fold.csv";

    /// <summary>The folder of the whole.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>Metrics of all folds, means and intervals.</summary>
    public string ResultsPath => System.IO.Path.Combine(Path, "folds.json");

    /// <summary>Out-of-fold predictions of all folds.</summary>
    public string PredictionsPath => System.IO.Path.Combine(Path, PredictionsName);

    /// <summary>The folder of one fold.</summary>
    /// <param name="fold">Its index.</param>
    public string Of(int fold)
    {
        int digits = (folds.Total - 1).ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
        return System.IO.Path.Combine(Path, "fold-" + fold.ToString("D" + digits, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The result of a fold that is done; null: it isn't.</summary>
    /// <param name="fold">Its index.</param>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public FoldResult? ResultOf(int fold) => Read(Of(fold));

    /// <summary>The predictions of a fold that is done.</summary>
    /// <param name="fold">Its index.</param>
    public OutOfFold PredictionsOf(int fold) => OutOfFold.Read(System.IO.Path.Combine(Of(fold), PredictionsName));

    /// <summary>Writes the result of a fold again, with more in it.</summary>
    /// <param name="result">The result.</param>
    public void Save(FoldResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Write(Of(result.Fold), result);
    }

    /// <summary>Writes what came of a fold; the result last, so that where it is, all is.</summary>
    internal static void Write(string folder, FoldResult result, OutOfFold predictions)
    {
        predictions.Save(System.IO.Path.Combine(folder, PredictionsName));
        Write(folder, result);
    }

    /// <summary>What <see cref="Write(string, FoldResult, OutOfFold)"/> wrote into a folder; null: nothing.</summary>
    internal static FoldResult? Read(string folder)
    {
        string file = System.IO.Path.Combine(folder, ResultName);
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), FoldJson.Default.FoldResult) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new BadInputException($"{file}: is damaged ({exception.Message}); remove it, and the fold is measured again", exception);
        }
    }

    private static void Write(string folder, FoldResult result) =>
        AtomicFile.WriteAllText(System.IO.Path.Combine(folder, ResultName), JsonSerializer.Serialize(result, FoldJson.Default.FoldResult) + "\n");
}
