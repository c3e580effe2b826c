using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Descent.Training.Data;

/// <summary>
/// Learns a byte-level byte-pair vocabulary: starting from the 256 bytes, the most frequent pair of neighbours inside words becomes a token,
/// again and again (Sennrich, Haddow, Birch 2016). Exact, and the same for the same text whatever the number of threads.
/// </summary>
/// <remarks>
/// Counted are words, not the text: each different word once, with its number of occurrences. A merge touches only the words that hold the pair,
/// and a priority queue whose entries are checked when they come up (a count only falls between merges) finds the next. Equal counts are decided
/// by the lower left token, then the lower right one. Words of more than 64 characters are counted in parts of that length.
/// </remarks>
public static class BpeTrainer
{
    /// <summary>Least vocabulary: the single bytes.</summary>
    public const int MinimumVocabulary = 256;

    /// <summary>Most entries that are learned; larger vocabularies don't pay for models that are trained here.</summary>
    public const int MaximumVocabulary = 1 << 20;

    // Longer words are counted in parts: they hold every frequent pair, so that each merge would walk through all of them.
    private const int MaximumWordLength = 64;

    /// <summary>Learns a vocabulary.</summary>
    /// <param name="texts">Valid UTF-8; words don't reach from one to the next.</param>
    /// <param name="vocabularySize">
    /// Tokens to end up with, <see cref="MinimumVocabulary"/> … <see cref="MaximumVocabulary"/>; fewer where no pair occurs twice any more.
    /// </param>
    /// <returns>The tokenizer.</returns>
    public static BytePairTokenizer Train(IEnumerable<ReadOnlyMemory<byte>> texts, int vocabularySize)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, MinimumVocabulary);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vocabularySize, MaximumVocabulary);
        var learner = new Learner(CountWords(texts));
        bool more = true;
        while (more && learner.Vocabulary.Count < vocabularySize)
        {
            more = learner.MergeNext();
        }

        return new BytePairTokenizer(learner.Vocabulary, learner.Merges, "the trained tokenizer");
    }

    private static ConcurrentDictionary<string, int> CountWords(IEnumerable<ReadOnlyMemory<byte>> texts)
    {
        var total = new ConcurrentDictionary<string, int>();
        Parallel.ForEach(
            texts,
            () => new Dictionary<string, int>(),
            (utf8, state, counts) =>
            {
                Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
                ReadOnlySpan<char> text = Encoding.UTF8.GetString(utf8.Span);
                foreach (ValueMatch word in BytePairTokenizer.Words().EnumerateMatches(text))
                {
                    ReadOnlySpan<char> rest = text.Slice(word.Index, word.Length);
                    while (!rest.IsEmpty)
                    {
                        int length = BytePairTokenizer.PartLength(rest, MaximumWordLength);
                        CollectionsMarshal.GetValueRefOrAddDefault(bySpan, rest[..length], out _)++;
                        rest = rest[length..];
                    }
                }

                return counts;
            },
            counts =>
            {
                foreach ((string word, int count) in counts)
                {
                    total.AddOrUpdate(word, count, (_, sum) => sum + count);
                }
            });
        return total;
    }

    private readonly record struct Pair(int Left, int Right);

    private sealed class Occurrences
    {
        public long Count { get; set; }

        /// <summary>Words that held the pair when it was last made in them; some may not hold it any more.</summary>
        public List<int> Words { get; } = [];
    }

    private sealed class Learner
    {
        private readonly List<int[]> _words = [];
        private readonly List<int> _wordCounts = [];
        private readonly List<string> _entries = [];
        private readonly Dictionary<Pair, Occurrences> _pairs = [];
        private readonly HashSet<Pair> _grown = [];
        private readonly PriorityQueue<Pair, (long Count, Pair Pair)> _queue = new(Comparer<(long Count, Pair Pair)>.Create((a, b) =>
        {
            int order = b.Count.CompareTo(a.Count);
            order = order != 0 ? order : a.Pair.Left.CompareTo(b.Pair.Left);
            return order != 0 ? order : a.Pair.Right.CompareTo(b.Pair.Right);
        }));

        public Learner(IReadOnlyCollection<KeyValuePair<string, int>> words)
        {
            for (int value = 0; value < 256; value++)
            {
                _entries.Add(ByteAlphabet.Write([(byte)value]));
            }

            foreach ((string word, int count) in words)
            {
                int[] symbols = Array.ConvertAll(Encoding.UTF8.GetBytes(word), value => (int)value);
                for (int i = 1; i < symbols.Length; i++)
                {
                    Add(new Pair(symbols[i - 1], symbols[i]), _words.Count, count);
                }

                _words.Add(symbols);
                _wordCounts.Add(count);
            }

            EnqueueGrown();
        }

        public Dictionary<string, int> Vocabulary { get; } = ByteAlphabet.Vocabulary();

        public List<string> Merges { get; } = [];

        /// <summary>Makes the most frequent pair a token.</summary>
        /// <returns>False where no pair occurs twice.</returns>
        public bool MergeNext()
        {
            while (_queue.TryDequeue(out Pair pair, out (long Count, Pair Pair) queued))
            {
                Occurrences occurrences = _pairs[pair];
                if (occurrences.Count != queued.Count)
                {
                    _queue.Enqueue(pair, (occurrences.Count, pair));
                    continue;
                }

                if (occurrences.Count < 2)
                {
                    return false;
                }

                Merge(pair, occurrences);
                return true;
            }

            return false;
        }

        private void Merge(Pair pair, Occurrences occurrences)
        {
            string entry = _entries[pair.Left] + _entries[pair.Right];
            Merges.Add($"{_entries[pair.Left]} {_entries[pair.Right]}");

            // Another split of the same bytes may be a token already: then both merges lead to it.
            if (!Vocabulary.TryGetValue(entry, out int merged))
            {
                merged = Vocabulary.Count;
                Vocabulary.Add(entry, merged);
                _entries.Add(entry);
            }

            // A copy: a pair like (a, a) → aa can occur again in the words at hand.
            foreach (int word in occurrences.Words.ToArray())
            {
                _words[word] = MergeIn(word, pair, merged);
            }

            EnqueueGrown();
        }

        private int[] MergeIn(int word, Pair pair, int merged)
        {
            int[] symbols = _words[word];
            int count = _wordCounts[word];
            int length = 0;
            for (int i = 0; i < symbols.Length; i++)
            {
                if (i + 1 == symbols.Length || symbols[i] != pair.Left || symbols[i + 1] != pair.Right)
                {
                    symbols[length++] = symbols[i];
                    continue;
                }

                _pairs[pair].Count -= count;
                if (length > 0)
                {
                    _pairs[new Pair(symbols[length - 1], pair.Left)].Count -= count;
                    Add(new Pair(symbols[length - 1], merged), word, count);
                }

                if (i + 2 < symbols.Length)
                {
                    _pairs[new Pair(pair.Right, symbols[i + 2])].Count -= count;
                    Add(new Pair(merged, symbols[i + 2]), word, count);
                }

                symbols[length++] = merged;
                i++;
            }

            return length == symbols.Length ? symbols : symbols[..length];
        }

        private void Add(Pair pair, int word, int count)
        {
            if (!_pairs.TryGetValue(pair, out Occurrences? occurrences))
            {
                _pairs.Add(pair, occurrences = new Occurrences());
            }

            occurrences.Count += count;
            if (occurrences.Words.Count == 0 || occurrences.Words[^1] != word)
            {
                occurrences.Words.Add(word);
            }

            _grown.Add(pair);
        }

        private void EnqueueGrown()
        {
            foreach (Pair pair in _grown)
            {
                _queue.Enqueue(pair, (_pairs[pair].Count, pair));
            }

            _grown.Clear();
        }
    }
}
