using Descent.Training.Data;

namespace Descent.Training.Folds;

/// <summary>Divides texts: by spans of bytes that begin at the start of a line, or by whole documents.</summary>
/// <remarks>
/// Neighbouring windows of a text share their subject, its names and often their very sentences. Windows drawn at random would be held out beside windows that are trained on,
/// and where passes shift the windows, overlap them; spans touch training text at their two ends only, and share no token with it.
/// </remarks>
internal static class TextFold
{
    /// <summary>The parts of one fold.</summary>
    /// <param name="texts">Whole documents in their order.</param>
    /// <param name="choice">The fold.</param>
    /// <param name="heldOut">The fraction that an inner hold-out takes.</param>
    /// <param name="source">What messages call the texts.</param>
    public static (IReadOnlyList<ReadOnlyMemory<byte>> Training, IReadOnlyList<ReadOnlyMemory<byte>> Validation) Choose(
        IReadOnlyList<ReadOnlyMemory<byte>> texts, FoldChoice choice, double heldOut, string source)
    {
        (IReadOnlyList<ReadOnlyMemory<byte>> training, IReadOnlyList<ReadOnlyMemory<byte>> validation) = Divide(texts, choice.Folds, choice.Fold, source);
        if (choice.InnerFold is not { } inner)
        {
            return (training, validation);
        }

        // The last part of every text, as where a fraction is held out.
        return choice.Inner is { } folds
            ? Divide(training, folds, inner, source)
            : ([.. Parts(training, text => (0, Line(text, 1 - heldOut)))], [.. Parts(training, text => (Line(text, 1 - heldOut), text.Length))]);

        static int Line(ReadOnlyMemory<byte> text, double share) => TextFiles.StartOfLine(text.Span, (int)(text.Length * share));
    }

    private static (IReadOnlyList<ReadOnlyMemory<byte>>, IReadOnlyList<ReadOnlyMemory<byte>>) Divide(IReadOnlyList<ReadOnlyMemory<byte>> texts, FoldOptions folds, int fold, string source)
    {
        long length = texts.Sum(static text => (long)text.Length);
        switch (folds)
        {
            case KFoldOptions spans:
                (long Start, long End)[] held = spans.Spans(Enough(length, folds, source), new EpochKey(spans.Seed, fold / spans.Count))[fold % spans.Count];
                return (Cut(texts, Around(held, length)), Cut(texts, held));
            case TimeSeriesSplitOptions { Time: not null }:
                throw new BadInputException("validation.folds.time names a column, and text has none; leave it out: text is in the order of its files");
            case TimeSeriesSplitOptions series:
                ((long, long) before, (long, long) next) = series.Spans(length, "bytes")[fold];
                return (Cut(texts, [before]), Cut(texts, [next]));
            case GroupKFoldOptions { Group: { } group }:
                throw new BadInputException($"validation.folds.group is '{group}', and text has no columns; leave it out: the groups of text are its documents");
            case GroupKFoldOptions documents when texts.Count < documents.Count:
                throw new BadInputException($"validation.folds.count is {documents.Count}, but {source} has {(texts.Count == 1 ? "1 document" : $"{texts.Count} documents")}; allowed: at most as many folds, or 'kind: k_fold', which cuts within documents");
            case GroupKFoldOptions documents:
                int[] foldOf = documents.DealGroups([.. texts.Select(static text => (long)text.Length)], new EpochKey(documents.Seed, fold / documents.Count));
                ILookup<bool, ReadOnlyMemory<byte>> parts = texts.Index().ToLookup(text => foldOf[text.Index] == fold % documents.Count, static text => text.Item);
                return ([.. parts[false]], [.. parts[true]]);
            default:
                throw new BadInputException($"validation.folds.kind is '{folds.Kind}', and text has no classes; allowed for text: k_fold (spans), group_k_fold (whole documents), time_series_split");
        }
    }

    private static long Enough(long length, FoldOptions folds, string source) => length >= folds.Count
        ? length
        : throw new BadInputException($"validation.folds.count is {folds.Count}, but {source} has {length} bytes; give more text");

    private static IEnumerable<(long Start, long End)> Around((long Start, long End)[] held, long length)
    {
        long from = 0;
        foreach ((long start, long end) in held)
        {
            if (start > from)
            {
                yield return (from, start);
            }

            from = end;
        }

        if (from < length)
        {
            yield return (from, length);
        }
    }

    /// <summary>The pieces of texts that lie in some spans of all their bytes, cut at starts of lines: the same place gives the same cut on either side of it.</summary>
    private static List<ReadOnlyMemory<byte>> Cut(IReadOnlyList<ReadOnlyMemory<byte>> texts, IEnumerable<(long Start, long End)> spans)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        foreach ((long start, long end) in spans)
        {
            long before = 0;
            foreach (ReadOnlyMemory<byte> text in texts)
            {
                int from = Place(text, start - before);
                int to = Place(text, end - before);
                if (to > from)
                {
                    pieces.Add(text[from..to]);
                }

                before += text.Length;
            }
        }

        return pieces;

        static int Place(ReadOnlyMemory<byte> text, long place) =>
            place <= 0 ? 0 : place >= text.Length ? text.Length : TextFiles.StartOfLine(text.Span, (int)place);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Parts(IReadOnlyList<ReadOnlyMemory<byte>> texts, Func<ReadOnlyMemory<byte>, (int Start, int End)> part) =>
        texts.Select(text => text[part(text).Start..part(text).End]).Where(static piece => piece.Length > 0);
}
