using System.Security.Cryptography;
using Descent.Optimizers;
using Descent.Training.Folds;

namespace Descent.Training.Data;

/// <summary>
/// UTF-8 text for a language model (<c>kind: text</c>): a file (<c>.gz</c> too), a folder of them, or with no path the XML documentation
/// of the .NET SDK as plain English.
/// </summary>
/// <remarks>
/// A folder is read with its subfolders, in the order of names: documents (.txt .text .md .markdown .rst .adoc .org .tex) and source code (.cs .fs .vb
/// .py .js .ts .java .c .h .cpp .hpp .go .rs .rb .sh .sql). Held out is the tail of every file, in the built-in default whole types with all their members. See
/// <see cref="TextDataset"/> for the windows.
/// </remarks>
public sealed record TextDataOptions : DataOptions
{
    // A vocabulary is settled by a few megabytes; counting more words changes no merge that matters for models of this size.
    private const long TrainingSampleBytes = 16L << 20;

    /// <inheritdoc/>
    public override string Kind => "text";

    /// <summary>
    /// <c>byte</c> (256 tokens), <c>bpe</c> (the default: byte pairs learned from the training text) or the folder of a saved tokenizer in GPT-2's
    /// format (<c>vocab.json</c> and <c>merges.txt</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The name is empty.</exception>
    public string Tokenizer
    {
        get;
        init => field = !string.IsNullOrWhiteSpace(value)
            ? value
            : throw Require.Outside(nameof(Tokenizer), value, "'byte', 'bpe' or the folder of a saved tokenizer");
    } = "bpe";

    /// <summary>Tokens of a learned byte-pair vocabulary, 256 … 1,048,576; default 4,096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is out of range.</exception>
    public int Vocabulary
    {
        get;
        init => field = Require.Between(BpeTrainer.MinimumVocabulary, BpeTrainer.MaximumVocabulary, value);
    } = 4096;

    /// <summary>Tokens a window holds, 1 … 1,048,576; default 256.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    public int Context
    {
        get;
        init => field = Require.Between(1, 1 << 20, value);
    } = 256;

    /// <summary>Most bytes of text to read, at least 1,024; every file (or a fixed choice of types) gives its share. Null reads all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is too small.</exception>
    public long? MaximumBytes
    {
        get;
        init => field = value is { } given ? Require.AtLeast(1024, given) : null;
    }

    /// <inheritdoc/>
    public override DataOptions WithFullPaths()
        => (TextDataOptions)base.WithFullPaths() with { Tokenizer = Tokenizer is "byte" or "bpe" ? Tokenizer : Full(Tokenizer)! };

    /// <inheritdoc/>
    public override DataSplit Open(IProgress<string>? progress = null)
    {
        progress?.Report("reading text");
        double heldOut = ValidationPath is null ? Validation : 0;
        TextCorpus corpus = Path is null ? SdkDocumentation.Read(MaximumBytes, heldOut) : TextFiles.Read(Path, "data.path", MaximumBytes, heldOut);
        if (ValidationPath is not null)
        {
            corpus = corpus with { Validation = TextFiles.Read(ValidationPath, "data.validation_path", MaximumBytes, heldOut: 0).Training };
        }

        return Split(corpus, progress);
    }

    /// <inheritdoc/>
    public override DataSplit Open(FoldChoice fold, IProgress<string>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(fold);
        RequireNoValidationPath();
        progress?.Report("reading text");
        TextCorpus corpus = Path is null ? SdkDocumentation.Read(MaximumBytes, heldOut: 0) : TextFiles.Read(Path, "data.path", MaximumBytes, heldOut: 0);
        (IReadOnlyList<ReadOnlyMemory<byte>> training, IReadOnlyList<ReadOnlyMemory<byte>> validation) = TextFold.Choose(corpus.Training, fold, Validation, corpus.Source);
        DataSplit split = Split(corpus with { Training = training, Validation = validation }, progress);
        return split with { Description = $"{split.Description}; {fold.Describe()}" };
    }

    private DataSplit Split(TextCorpus corpus, IProgress<string>? progress)
    {
        ITokenizer tokenizer = OpenTokenizer(corpus, progress);
        progress?.Report($"encoding {corpus.TrainingBytes + corpus.ValidationBytes:N0} bytes");
        TokenArray training = TextEncoder.Encode(corpus.Training, tokenizer);
        TokenArray validation = TextEncoder.Encode(corpus.Validation, tokenizer);
        RequireWindow(training, "the training text", corpus.Source);
        RequireWindow(validation, "the validation text", ValidationPath ?? corpus.Source);
        double bytesPerToken = (double)corpus.TrainingBytes / training.Length;
        return new DataSplit
        {
            Training = new TextDataset(training, tokenizer, Context, shifting: true),
            Validation = new TextDataset(validation, tokenizer, Context, shifting: false),
            Tokenizer = tokenizer,
            Description = FormattableString.Invariant(
                $"{corpus.Source}: {corpus.TrainingBytes / 1e6:F1} MB of text to train on, {corpus.ValidationBytes / 1e6:F2} MB held out; ")
                + FormattableString.Invariant($"{tokenizer.Name} tokenizer, {bytesPerToken:F2} bytes a token, {training.Length / 1e6:F2} M training tokens"),
            Fingerprint = Digest(training, validation),
        };
    }

    private static string Digest(params ReadOnlySpan<TokenArray> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TokenArray text in texts)
        {
            hash.AppendData(BitConverter.GetBytes(text.Length));
            text.AppendTo(hash);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private ITokenizer OpenTokenizer(TextCorpus corpus, IProgress<string>? progress)
    {
        switch (Tokenizer)
        {
            case "byte":
                return new ByteTokenizer();
            case "bpe":
                return TokenizerCache.Get(TokenizerCache.Folder, corpus.Training, $"{Vocabulary} {TrainingSampleBytes}", () =>
                {
                    progress?.Report($"learning a vocabulary of {Vocabulary} byte pairs");
                    return BpeTrainer.Train(Sample(corpus), Vocabulary);
                });
            default:
                return Tokenizers.Load(Tokenizer);
        }
    }

    /// <summary>Every n-th piece of the training text, so many that they stay below the limit.</summary>
    private static IEnumerable<ReadOnlyMemory<byte>> Sample(TextCorpus corpus)
    {
        int stride = (int)(corpus.TrainingBytes / TrainingSampleBytes) + 1;
        return corpus.Training.SelectMany(text => TextEncoder.Cut(text)).Where((_, index) => index % stride == 0);
    }

    private void RequireWindow(TokenArray tokens, string what, string source)
    {
        if (tokens.Length <= Context)
        {
            throw new BadInputException(
                $"{source}: {what} has {tokens.Length} tokens, fewer than one window of data.context + 1 = {Context + 1}; give more text, "
                + "a smaller data.context, another data.validation or fewer validation.folds");
        }
    }
}
