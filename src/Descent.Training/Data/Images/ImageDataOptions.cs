using Descent.Optimizers;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>
/// Labelled images in MNIST's format (<c>kind: images</c>): IDX files of unsigned bytes, gray [count, height, width] or with channels [count, channels, height,
/// width], and a label file [count]; compressed (<c>.gz</c>) or not.
/// </summary>
/// <remarks>
/// A folder is searched for MNIST's file names (<c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>, and <c>t10k-…</c> as held-out images), also with
/// <c>.idx3</c> in place of <c>-idx3</c>. Where there are no held-out files, a fraction is held out, chosen by seed, every class in proportion.
/// </remarks>
public sealed record ImageDataOptions : DataOptions
{
    private const string TrainingPrefix = "train";
    private const string HeldOutPrefix = "t10k";

    /// <inheritdoc/>
    public override string Kind => "images";

    /// <summary>The label file; null is the one whose name is that of the image file with <c>labels</c> for <c>images</c> and <c>idx1</c> for <c>idx3</c>.</summary>
    public string? Labels { get; init; }

    /// <summary>The label file of <see cref="DataOptions.ValidationPath"/>; null as for <see cref="Labels"/>.</summary>
    public string? ValidationLabels { get; init; }

    /// <summary>How pixels become numbers; default <see cref="PixelNormalization.Standard"/>.</summary>
    public PixelNormalization Normalization { get; init; }

    /// <summary>Number of classes, 2 … 256: labels are 0 to this, exclusive. Null takes the largest label of the training images plus one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int? Classes
    {
        get;
        init => field = value is { } given ? Require.Between(2, 256, given) : null;
    }

    /// <summary>Decides which images are held out where no files are; default 0. Not the run's seed, so that runs with different seeds are compared on the same images.</summary>
    public long SplitSeed { get; init; }

    /// <inheritdoc/>
    public override DataOptions WithFullPaths()
        => (ImageDataOptions)base.WithFullPaths() with { Labels = Full(Labels), ValidationLabels = Full(ValidationLabels) };

    /// <inheritdoc/>
    public override DataSplit Open(IProgress<string>? progress = null)
    {
        (string path, ImageSet training) = ReadTraining(progress);
        ImageSet? heldOut = ValidationPath is null
            ? Directory.Exists(path) ? Read(path, "data.path", HeldOutPrefix, null) : null
            : Read(ValidationPath, "data.validation_path", HeldOutPrefix, ValidationLabels)
                ?? throw new BadInputException(
                    $"data.validation_path: the folder {ValidationPath} has no {HeldOutPrefix}-images-idx3-ubyte (or .gz); name the image file itself");

        int classes = Classes ?? training.Labels.Max() + 1;
        training.Validate(classes, like: null);
        heldOut?.Validate(classes, like: training);
        return heldOut is null ? SplitByFraction(path, training, classes) : Split(path, training, AllOf(training), heldOut, AllOf(heldOut), classes);
    }

    /// <inheritdoc/>
    /// <remarks>The training images are divided; files of held-out images are left for a last test.</remarks>
    public override DataSplit Open(FoldChoice fold, IProgress<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(fold);
        RequireNoValidationPath();
        (string path, ImageSet images) = ReadTraining(progress);
        int classes = Classes ?? images.Labels.Max() + 1;
        images.Validate(classes, like: null);
        var samples = new FoldSamples(images.Count) { Labels = Array.ConvertAll(images.Labels, static label => (long)label) };
        (int[] kept, int[] heldOut) = fold.Choose(samples, Validation, SplitSeed);
        DataSplit split = Split(path, images, kept, images, heldOut, classes);
        return split with { Description = $"{split.Description}; {fold.Describe()}", ValidationRows = heldOut };
    }

    /// <inheritdoc/>
    public override FoldOptions DefaultFolds() => new StratifiedKFoldOptions();

    private (string Path, ImageSet Images) ReadTraining(IProgress<string>? progress)
    {
        string path = Path ?? throw new BadInputException("data.path is missing; give a folder with MNIST's files or the path of an IDX image file");
        progress?.Report($"reading {path}");
        return (path, Read(path, "data.path", TrainingPrefix, Labels)
            ?? throw new BadInputException($"data.path: the folder {path} has no {TrainingPrefix}-images-idx3-ubyte (or .gz); name the image file itself"));
    }

    private static int[] AllOf(ImageSet images) => [.. Enumerable.Range(0, images.Count)];

    private static ImageSet? Read(string path, string option, string prefix, string? labels) =>
        !Directory.Exists(path) ? ImageSet.Read(path, option, labels)
        : ImageSet.FindImages(path, prefix) is { } images ? ImageSet.Read(images, option, labels)
        : null;

    private DataSplit SplitByFraction(string path, ImageSet images, int classes)
    {
        if (images.Count < 2)
        {
            throw new BadInputException($"{path}: {images.Count} images; at least 2 are needed, one to train on and one to validate");
        }

        long[] labels = Array.ConvertAll(images.Labels, label => (long)label);
        (int[] kept, int[] heldOut) = StratifiedSplit.Choose(images.Count, labels, Validation, SplitSeed);
        return Split(path, images, kept, images, heldOut, classes) with { ValidationRows = heldOut };
    }

    private DataSplit Split(string path, ImageSet training, int[] trainingImages, ImageSet validation, int[] validationImages, int classes)
    {
        float[][] levels = PixelLevels.Of(Normalization, training, trainingImages);
        string size = string.Join(" × ", training.Shape);
        return new DataSplit
        {
            Training = new ImageDataset(training, trainingImages, levels, classes),
            Validation = new ImageDataset(validation, validationImages, levels, classes),
            Description = $"{path}: {trainingImages.Length} images of {size} to train on, {validationImages.Length} held out; {classes} classes",
            Fingerprint = ImageSet.Digest(training, trainingImages, validation, validationImages),
        };
    }
}
