using Dictionary = System.Collections.Generic.OrderedDictionary<object, object?>;

namespace Descent.Torch;

/// <summary>A model's weights in a file, open to be read: safetensors, or PyTorch's <c>torch.save</c> of a model's <c>state_dict()</c>, alone or in a checkpoint.</summary>
/// <remarks>A file of PyTorch is data here: nothing that it names is imported or called.</remarks>
public sealed class SavedWeights : IDisposable
{
    // What wrappers of PyTorch put before every name.
    private static readonly string[] Prefixes = ["module.", "_orig_mod."];

    // A checkpoint may hold averaged weights too; these are customary for the model's own.
    private static readonly string[] Entries = ["model", "model_state_dict", "state_dict", "net"];

    private readonly IDisposable _source;

    private SavedWeights(IReadOnlyDictionary<string, SavedTensor> tensors, IDisposable source) => (Tensors, _source) = (tensors, source);

    /// <summary>The tensors by their names.</summary>
    public IReadOnlyDictionary<string, SavedTensor> Tensors { get; }

    /// <summary>What the header of a safetensors file says besides; empty for a file of PyTorch.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; private init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;

    /// <summary>Opens a file; its content tells the format.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or holds no weights.</exception>
    public static SavedWeights Open(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (!IsArchive(path))
        {
            SafeTensorsFile file = SafeTensorsFile.Open(path);
            return new SavedWeights(
                file.Names.ToDictionary(static name => name, name => new SavedTensor([.. file.ShapeOf(name)], file.TypeOf(name), () => file.Read(name))), file)
            { Metadata = file.Metadata };
        }

        TorchArchive archive = TorchArchive.Open(path);
        try
        {
            return new SavedWeights(Bare(Find(path, archive.Root).ToDictionary(static pair => (string)pair.Key, pair => archive.Bind((TorchTensor)pair.Value!))), archive);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static bool IsArchive(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        Span<byte> start = stackalloc byte[2];
        return file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start.SequenceEqual("PK"u8);
    }

    private static Dictionary Find(string path, object? root)
    {
        if (IsWeights(root))
        {
            return (Dictionary)root!;
        }

        var found = root is Dictionary dictionary ? dictionary.Where(static pair => IsWeights(pair.Value)).ToList() : [];
        return (Dictionary)(Entries.Select(name => found.FirstOrDefault(pair => name.Equals(pair.Key))).FirstOrDefault(static pair => pair.Value is not null).Value
            ?? (found.Count == 1 ? found[0].Value : null)
            ?? throw new InvalidDataException($"{path}: "
                + (found.Count == 0 ? "it holds no weights (a dictionary of names and tensors)" : $"several entries hold weights: {string.Join(", ", found.Select(static pair => pair.Key))}")
                + "; save model.state_dict() alone with torch.save"));
    }

    private static bool IsWeights(object? value) =>
        value is Dictionary { Count: > 0 } dictionary && dictionary.All(static pair => pair is { Key: string, Value: TorchTensor });

    private static Dictionary<string, SavedTensor> Bare(Dictionary<string, SavedTensor> tensors) =>
        Prefixes.FirstOrDefault(prefix => tensors.Keys.All(name => name.StartsWith(prefix, StringComparison.Ordinal))) is { } prefix
            ? Bare(tensors.ToDictionary(pair => pair.Key[prefix.Length..], static pair => pair.Value))
            : tensors;
}
