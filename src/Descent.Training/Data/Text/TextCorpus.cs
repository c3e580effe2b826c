namespace Descent.Training.Data;

/// <summary>Texts read into memory as valid UTF-8, split in two.</summary>
/// <param name="Training">Texts to train on, none empty.</param>
/// <param name="Validation">Held-out texts; empty where none were asked for.</param>
/// <param name="Source">Where they come from, for people.</param>
internal sealed record TextCorpus(IReadOnlyList<ReadOnlyMemory<byte>> Training, IReadOnlyList<ReadOnlyMemory<byte>> Validation, string Source)
{
    /// <summary>Bytes to train on.</summary>
    public long TrainingBytes => Training.Sum(text => (long)text.Length);

    /// <summary>Bytes held out.</summary>
    public long ValidationBytes => Validation.Sum(text => (long)text.Length);
}
