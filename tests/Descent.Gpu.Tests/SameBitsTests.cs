using Descent.Gpu.Tests.Comparing;
using Descent.Gpu.Tests.Fakes;
using Descent.Optimizers;
using Descent.Optimizers.Tests;

namespace Descent.Gpu.Tests;

/// <summary>Every rule, in every form, gives the processor's bits: as PTX, executed by its manual, and on ILGPU's CPU accelerator.</summary>
public sealed class SameBitsTests
{
    private static readonly int[] ShortLengths = [0, 1, 3, 4, 5, 37, 64, 130];

    public static TheoryData<string> Rules => [.. StepForms.Served];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_GivesTheBitsOfTheScalarLane(string rule)
    {
        foreach (string form in StepForms.All.Keys)
        {
            Compare(rule, form, new CudaLauncher(new FakeCudaDriver(), static _ => 0), BitComparison.Lengths, shift: 1);
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void IlgpusCpuAccelerator_GivesTheBitsOfTheScalarLane(string rule)
    {
        using var launcher = new IlgpuCpuLauncher();
        Compare(rule, "elastic net", launcher, ShortLengths, shift: 3);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adamw")]
    public void Ptx_GoesFromPieceToPiece(string rule) =>
        Compare(rule, "plain", new CudaLauncher(new FakeCudaDriver(), static _ => 0), BitComparison.PieceLengths, shift: 1);

    [Fact]
    public void IlgpusCpuAccelerator_GoesFromPieceToPiece()
    {
        using var launcher = new IlgpuCpuLauncher();
        Compare("adamw", "elastic net", launcher, [Piece.Elements + 6, 9, (2 * Piece.Elements) + 1], shift: 2);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void NonFiniteNumbers_StayInTheirElement(string rule)
    {
        string? difference = BitComparison.FirstDifference(
            Subjects.All[rule],
            step => StepForms.All["clipped by value"](Subjects.All[rule], step),
            new CudaLauncher(new FakeCudaDriver(), static _ => 0),
            [9, 38],
            shift: 1,
            change: BitComparison.MakeNonFinite);
        Assert.True(difference is null, difference);
    }

    /// <summary>What the comparison on a card is made of, on the interpreter: it moves all there and back, and a single wrong bit doesn't pass.</summary>
    [Fact]
    public void CardMemory_CarriesEveryBitThereAndBack()
    {
        var driver = new FakeCudaDriver();
        var launcher = new CudaLauncher(driver, static _ => 0);
        Assert.Null(Through((source, target) => Bytes(source, target.Length).CopyTo(target)));
        Assert.InRange(driver.Allocated, 0, 1); // the table may be left for its finalizer
        Assert.NotNull(Through((source, target) =>
        {
            Bytes(source, target.Length).CopyTo(target);
            target[^1] ^= 1; // in a guard
        }));

        string? Through(Download download) =>
            BitComparison.FirstDifference(
                new AdamWOptions(), step => new AdamWOptions().Scalars(step), launcher, [5, 37], shift: 1, tensors => new CardMemory(tensors, launcher, download));

        static unsafe ReadOnlySpan<byte> Bytes(nint address, int count) => new((void*)address, count);
    }

    private static void Compare(string rule, string form, ILauncher launcher, int[] lengths, int shift)
    {
        OptimizerOptions options = Subjects.All[rule];
        string? difference = BitComparison.FirstDifference(options, step => StepForms.All[form](options, step), launcher, lengths, shift);
        Assert.True(difference is null, $"{rule}, {form}, {difference}");
    }
}
