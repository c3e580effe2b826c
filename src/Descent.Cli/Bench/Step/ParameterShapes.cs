using Descent.Optimizers;

namespace Descent.Cli.Bench;

/// <summary>The parameter lists that steps are measured on.</summary>
internal static class ParameterShapes
{
    private const long Width = 768;
    private const long HeadWidth = 64;

    /// <summary>The 148 parameters of GPT-2 small, 124,439,808 elements in all (Radford et al., 2019; head tied), output units first.</summary>
    public static TensorSlot[] Gpt2Small()
    {
        const long vocabulary = 50257;
        const long context = 1024;
        const int layers = 12;
        List<TensorSlot> slots = [Of(vocabulary, Width) with { Table = true }, Of(context, Width) with { Table = true }];
        for (int layer = 0; layer < layers; layer++)
        {
            TensorSlot attention = Of(3 * Width, Width) with { HeadRows = HeadWidth, HeadedRows = 2 * Width };
            slots.AddRange([Of(Width), Of(Width), attention, Of(3 * Width), Of(Width, Width), Of(Width)]);
            slots.AddRange([Of(Width), Of(Width), Of(4 * Width, Width), Of(4 * Width), Of(Width, 4 * Width), Of(Width)]);
        }

        slots.AddRange([Of(Width), Of(Width)]);
        return [.. slots];
    }

    /// <summary>2,000 tensors of 100 elements, matrices of ten rows: what a tensor costs, rather than its bytes.</summary>
    public static TensorSlot[] ManyTiny() => [.. Enumerable.Repeat(Of(10, 10), 2000)];

    private static TensorSlot Of(params long[] shape) => TensorSlot.OfShape(shape);
}
