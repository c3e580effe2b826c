using System.Text;
using Descent.Tuning;

namespace TuneAnything;

/// <summary>A text of made-up words, few of them often and many rarely, as in a language.</summary>
internal static class SampleText
{
    public static byte[] Make(int length)
    {
        CounterRandom random = new(1);
        string[] words = [.. Enumerable.Range(0, 2000).Select(_ => string.Concat(Enumerable.Range(0, 1 + (int)random.NextInteger(4)).Select(_ => Syllable(random))))];
        StringBuilder text = new();
        while (text.Length < length)
        {
            // The k-th word about 1/k as often as the first (Zipf).
            text.Append(words[(int)Math.Pow(words.Length, random.NextDouble()) - 1]).Append(random.NextInteger(8) == 0 ? ". " : " ");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static string Syllable(CounterRandom random) => $"{"bdfgklmnprstvz"[(int)random.NextInteger(14)]}{"aeiou"[(int)random.NextInteger(5)]}";
}
