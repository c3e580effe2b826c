using Descent.Training.Folds;

namespace Descent.Cli.Validation;

/// <summary>Folds as plain lines, for files, pipes and machines: one when a fold begins, one when it ends.</summary>
/// <param name="output">Where the lines go.</param>
/// <param name="folds">How the data is divided.</param>
internal sealed class PlainFoldsDisplay(TextWriter output, FoldOptions folds) : FoldsDisplay
{
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override void Started(int fold)
    {
        base.Started(fold);
        Say($"{FoldsText.Name(folds, fold)} begins");
    }

    /// <inheritdoc/>
    public override void Ended(FoldResult result, bool before)
    {
        base.Ended(result, before);
        Say($"{FoldsText.Name(folds, result.Fold)}{(before ? ", done before" : "")}: {FoldsText.Metrics(result)}; "
            + $"{Figures.Whole(result.TrainingSamples)} trained on, {Figures.Whole(result.ValidationSamples)} held out, {Figures.Of(result.Steps, "step")}, {Figures.Duration(result.Seconds)}");
    }

    /// <inheritdoc/>
    public override void Say(string message)
    {
        lock (_gate)
        {
            output.WriteLine(message);
            output.Flush();
        }
    }
}
