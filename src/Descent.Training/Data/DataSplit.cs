namespace Descent.Training.Data;

/// <summary>Opened data: what to train on and what to validate on, with nothing in common.</summary>
public sealed record DataSplit
{
    /// <summary>The samples to train on.</summary>
    public required IDataset Training { get; init; }

    /// <summary>The held-out samples; the same in every pass.</summary>
    public required IDataset Validation { get; init; }

    /// <summary>The place in the data, from 0, of every held-out sample: the row of a table, the number of an image. Null where samples are numbered themselves.</summary>
    public IReadOnlyList<int>? ValidationRows { get; init; }

    /// <summary>Turns text into the model's tokens and back; null where the data isn't text.</summary>
    public ITokenizer? Tokenizer { get; init; }

    /// <summary>One line for people: what was read, how much, how it is split.</summary>
    public required string Description { get; init; }

    /// <summary>
    /// Hexadecimal digest of everything the samples are made of. A resumed run that finds another one would go on with other data.
    /// </summary>
    public required string Fingerprint { get; init; }
}
