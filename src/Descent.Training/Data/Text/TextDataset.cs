namespace Descent.Training.Data;

/// <summary>
/// Windows of context + 1 tokens of a long text; input and target are the window without its last and without its first token. In training,
/// every pass cuts the text at another offset, so that over the passes every token is seen at every place of a window.
/// </summary>
public sealed class TextDataset : IDataset
{
    // Tells the offset's random bits from those of the order of samples.
    private const ulong OffsetPurpose = 0x6F66667365740000;

    private readonly TokenArray _tokens;
    private readonly int[] _byteLengths;
    private readonly int _offsets;

    /// <summary>Creates the windows of a text.</summary>
    /// <param name="tokens">The text, at least context + 1 tokens.</param>
    /// <param name="tokenizer">What made the tokens.</param>
    /// <param name="context">Tokens a window holds as input.</param>
    /// <param name="shifting">True moves the windows with every pass; false cuts from the first token on, always.</param>
    internal TextDataset(TokenArray tokens, ITokenizer tokenizer, int context, bool shifting)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(tokens.Length, context, nameof(tokens));
        _tokens = tokens;
        _byteLengths = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(tokenizer.ByteLength)];
        Shape = new DataShape
        {
            Task = TaskKind.LanguageModel,
            InputShape = [context],
            Outputs = tokenizer.VocabularySize,
            Context = context,
        };

        // As many windows as fit behind the largest offset, so that every pass has the same number; a text too short to shift has one.
        Count = shifting ? Math.Max(1, (tokens.Length - context) / context) : (tokens.Length - 1) / context;
        _offsets = shifting ? Math.Min(context, tokens.Length - (int)Count * context) : 1;
    }

    /// <inheritdoc/>
    public DataShape Shape { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <summary>Tokens of the whole text.</summary>
    public long TokenCount => _tokens.Length;

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<long> samples, HostBatch batch, EpochKey epoch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        int context = Shape.Context;
        int offset = (int)(epoch.Hash(OffsetPurpose) % (ulong)_offsets);
        long bytes = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            int start = offset + checked((int)samples[i] * context);
            Span<long> targets = batch.Labels.AsSpan(i * context, context);
            _tokens.Read(start, batch.Tokens.AsSpan(i * context, context));
            _tokens.Read(start + 1, targets);
            foreach (long target in targets)
            {
                bytes += _byteLengths[target];
            }
        }

        batch.TargetBytes = bytes;
    }
}
