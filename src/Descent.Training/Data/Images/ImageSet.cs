using System.Security.Cryptography;

namespace Descent.Training.Data;

/// <summary>Labelled images as they are in their files, one byte a pixel.</summary>
/// <param name="Path">The image file.</param>
/// <param name="LabelPath">The label file.</param>
/// <param name="Shape">[channels, height, width].</param>
/// <param name="Pixels">[count, channels, height, width].</param>
/// <param name="Labels">[count].</param>
internal sealed record ImageSet(string Path, string LabelPath, long[] Shape, byte[] Pixels, byte[] Labels)
{
    /// <summary>Number of images.</summary>
    public int Count => Labels.Length;

    /// <summary>Pixels of one image.</summary>
    public int Size => Pixels.Length / Count;

    /// <summary>Reads images and their labels.</summary>
    /// <param name="path">The image file.</param>
    /// <param name="option">Name of the option the path came from, for messages.</param>
    /// <param name="labelFile">The label file; none: the one that belongs to the image file by its name.</param>
    /// <exception cref="BadInputException">A file can't be used, or there are more or fewer labels than images.</exception>
    public static ImageSet Read(string path, string option, string? labelFile)
    {
        (int[] dimensions, byte[] pixels) = IdxFile.Read(path, option, "images", 3, 4);
        string labelPath = labelFile ?? LabelsBeside(path);
        (int[] count, byte[] labels) = IdxFile.Read(labelPath, "data.labels", "labels", 1);
        if (count[0] != dimensions[0])
        {
            throw new BadInputException($"{labelPath} has {count[0]} labels for the {dimensions[0]} images of {path}; give the label file that belongs to them (data.labels)");
        }

        long[] shape = dimensions.Length == 3 ? [1, dimensions[1], dimensions[2]] : [dimensions[1], dimensions[2], dimensions[3]];
        return new ImageSet(path, labelPath, shape, pixels, labels);
    }

    /// <summary>The image file of one of MNIST's two parts.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="prefix"><c>train</c> or <c>t10k</c>.</param>
    /// <returns>Null where the folder has none.</returns>
    public static string? FindImages(string folder, string prefix)
    {
        string[] names = [$"{prefix}-images-idx3-ubyte", $"{prefix}-images.idx3-ubyte"];
        return names.SelectMany(name => (string[])[name, name + ".gz"]).Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The label file that belongs to an image file by its name, compressed or not.</summary>
    /// <param name="images">The image file.</param>
    private static string LabelsBeside(string images)
    {
        string name = System.IO.Path.GetFileName(images);
        string labels = name.Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal).Replace("idx4", "idx1", StringComparison.Ordinal);
        if (labels == name)
        {
            throw new BadInputException($"data.labels is missing, and the name of {images} doesn't tell it; give the label file");
        }

        string path = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(images) ?? string.Empty, labels);
        string other = path.EndsWith(".gz", StringComparison.Ordinal) ? path[..^3] : path + ".gz";
        return !File.Exists(path) && File.Exists(other) ? other : path;
    }

    /// <summary>Digest of the images and labels that are used.</summary>
    /// <param name="training">Images to train on.</param>
    /// <param name="trainingImages">Their numbers.</param>
    /// <param name="validation">Held-out images.</param>
    /// <param name="validationImages">Their numbers.</param>
    public static string Digest(ImageSet training, int[] trainingImages, ImageSet validation, int[] validationImages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((ImageSet images, int[] chosen) in ((ImageSet, int[])[])[(training, trainingImages), (validation, validationImages)])
        {
            hash.AppendData(BitConverter.GetBytes(chosen.Length));
            foreach (int image in chosen)
            {
                hash.AppendData(images.Pixels, image * images.Size, images.Size);
                hash.AppendData(images.Labels, image, 1);
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Checks labels and size.</summary>
    /// <param name="classes">Number of classes.</param>
    /// <param name="like">Images that these must have the size of; null for none.</param>
    /// <exception cref="BadInputException">A label or the size is wrong.</exception>
    public void Validate(int classes, ImageSet? like)
    {
        int wrong = Array.FindIndex(Labels, label => label >= classes);
        if (wrong >= 0)
        {
            throw new BadInputException(
                $"{LabelPath}, label {wrong}: class {Labels[wrong]}; allowed is 0 to {classes - 1}, as there are {classes} classes (data.classes); mend the file or set data.classes");
        }

        if (classes < 2)
        {
            throw new BadInputException($"{LabelPath}: every label is 0, one class; at least 2 are needed");
        }

        if (like is not null && !Shape.AsSpan().SequenceEqual(like.Shape))
        {
            throw new BadInputException(
                $"{Path}: images of {string.Join(" × ", Shape)}; allowed is {string.Join(" × ", like.Shape)} as in {like.Path}; give images of the same size");
        }
    }
}
