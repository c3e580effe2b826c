using Descent.Gpu.Tests;
using Descent.Gpu.Tests.Comparing;
using Descent.Optimizers;
using Descent.Optimizers.Tests;

namespace Descent.Gpu.Bench;

/// <summary>Every rule in every form on the card beside the scalar lane on the processor, bit for bit.</summary>
internal static class BitCheck
{
    // Enough blocks that all multiprocessors have several, and no multiple of anything.
    private static readonly int[] Large = [1_000_003, 262_147];

    /// <summary>Compares and prints a line for each rule.</summary>
    /// <returns>Comparisons, and those that found a difference.</returns>
    public static (int Done, int Different) Run(Card card, Func<string, bool> wanted, bool quick)
    {
        int done = 0, different = 0;
        foreach (string rule in StepForms.Served.Where(wanted))
        {
            string[] differences = [.. Compare(card, Subjects.All[rule], quick).Select(difference => { done++; return difference; }).OfType<string>()];
            different += differences.Length;
            Console.WriteLine($"{rule,-40} {(differences.Length == 0 ? "the same bits" : "DIFFERENT: " + string.Join("; ", differences))}");
        }

        return (done, different);
    }

    private static IEnumerable<string?> Compare(Card card, OptimizerOptions options, bool quick)
    {
        foreach ((string form, Func<OptimizerOptions, long, StepScalars> scalars) in StepForms.All)
        {
            yield return Difference(form, BitComparison.Lengths);
            if (quick)
            {
                continue;
            }

            yield return Difference(form + ", pieces", BitComparison.PieceLengths);
            yield return Difference(form + ", not finite", [9, 38, 1029], BitComparison.MakeNonFinite);
            if (form == "plain")
            {
                yield return Difference(form + ", large", Large);
            }

            string? Difference(string name, int[] lengths, Action<HostTensors>? change = null) =>
                BitComparison.FirstDifference(
                    options, step => scalars(options, step), card.Launcher, lengths, shift: 1, tensors => new CardMemory(tensors, card.Launcher, card.Download), change) is { } found
                    ? $"{name}, {found}"
                    : null;
        }
    }
}
