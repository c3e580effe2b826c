namespace Descent.Cli.Bench;

/// <summary>The parameter lists that steps are measured on.</summary>
internal static class ParameterShapes
{
    /// <summary>Lengths of the 148 parameters of GPT-2 small, 124,439,808 in all (Radford et al., 2019; head tied).</summary>
    public static long[] Gpt2Small()
    {
        const int width = 768;
        const int vocabulary = 50257;
        const int context = 1024;
        const int layers = 12;
        List<long> lengths = [(long)vocabulary * width, context * width];
        for (int layer = 0; layer < layers; layer++)
        {
            lengths.AddRange([width, width, width * 3 * width, 3 * width, width * width, width]); // norm, attention
            lengths.AddRange([width, width, width * 4 * width, 4 * width, 4 * width * width, width]); // norm, feed-forward
        }

        lengths.AddRange([width, width]);
        return [.. lengths];
    }

    /// <summary>2,000 tensors of 100 elements: what a tensor costs, rather than its bytes.</summary>
    public static long[] ManyTiny() => [.. Enumerable.Repeat(100L, 2000)];
}
