namespace Descent.Training.Models;

/// <summary>Draws a token from logits.</summary>
internal sealed class TokenSampler(GenerationOptions options)
{
    // The seeded algorithm of System.Random is fixed by its compatibility promise.
    private readonly Random _random = new((int)(options.Seed ^ (options.Seed >> 32)));

    public int Next(ReadOnlySpan<float> logits)
    {
        if (options.Temperature == 0 || options.TopK == 1)
        {
            return Likeliest(logits);
        }

        int[] candidates = new int[logits.Length];
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = i;
        }

        float[] keys = logits.ToArray();
        Array.Sort(keys, candidates);
        int kept = options.TopK == 0 ? keys.Length : Math.Min(options.TopK, keys.Length);
        int first = keys.Length - kept;
        double largest = keys[^1];
        double[] weights = new double[kept];
        double total = 0;
        for (int i = 0; i < kept; i++)
        {
            weights[i] = Math.Exp((keys[first + i] - largest) / options.Temperature);
            total += weights[i];
        }

        double mark = _random.NextDouble() * total;
        int chosen = kept - 1;
        while (chosen > 0 && mark >= weights[chosen])
        {
            mark -= weights[chosen--];
        }

        return candidates[first + chosen];
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int i = 1; i < logits.Length; i++)
        {
            if (logits[i] > logits[best])
            {
                best = i;
            }
        }

        return best;
    }
}
