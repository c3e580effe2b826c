using Descent.Gpu.Tests.Fakes;
using Descent.Optimizers;
using Descent.Optimizers.Tests;

namespace Descent.Gpu.Tests;

/// <summary>Every rule, in every form, gives the processor's bits: as PTX, executed by its manual, and on ILGPU's CPU accelerator.</summary>
public sealed class SameBitsTests
{
    private const int Steps = 3;

    // Around the four elements of a thread and the 1,024 of a turn of a block; the end of a piece, which no rule has to do with, has tests of its own.
    private static readonly int[] Lengths = [0, 1, 3, 4, 5, 37, 1027];
    private static readonly int[] ShortLengths = [0, 1, 3, 4, 5, 37, 64, 130];

    public static TheoryData<string> Rules => [.. StepForms.Served];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Ptx_GivesTheBitsOfTheScalarLane(string rule)
    {
        foreach (string form in StepForms.All.Keys)
        {
            Compare(rule, form, new CudaLauncher(new FakeCudaDriver(), static _ => 0), Lengths, shift: 1);
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
        Compare(rule, "plain", new CudaLauncher(new FakeCudaDriver(), static _ => 0), [Piece.Elements, 7, Piece.Elements + 6, (2 * Piece.Elements) + 1], shift: 1);

    [Fact]
    public void IlgpusCpuAccelerator_GoesFromPieceToPiece()
    {
        using var launcher = new IlgpuCpuLauncher();
        Compare("adamw", "elastic net", launcher, [Piece.Elements + 6, 9, (2 * Piece.Elements) + 1], shift: 2);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void NonFiniteGradients_StayInTheirElement(float value)
    {
        var options = new AdamWOptions { AmsGrad = true };
        Compare(options, step => options.Scalars(step) with { ClipValue = 0.5, L1 = 0.1 }, "non-finite", new CudaLauncher(new FakeCudaDriver(), static _ => 0), [9], 0, tensors =>
        {
            tensors.Gradient(0)[5] = value;
            tensors.Parameter(0)[7] = value;
        });
    }

    private static void Compare(string rule, string form, ILauncher launcher, int[] lengths, int shift)
    {
        OptimizerOptions options = Subjects.All[rule];
        Compare(options, step => StepForms.All[form](options, step), $"{rule}, {form}", launcher, lengths, shift);
    }

    private static void Compare(
        OptimizerOptions options, Func<long, StepScalars> scalars, string context, ILauncher launcher, int[] lengths, int shift, Action<HostTensors>? change = null)
    {
        using HostTensors expected = new(options, lengths, shift), actual = new(options, lengths, shift);
        UpdateKernel scalar = options.CreateKernel();
        scalar.Width = LaneWidth.Scalar;
        var kernel = new RuleKernel(options.CreateKernel(), launcher);
        for (long step = 1; step <= Steps; step++)
        {
            StepScalars onProcessor = expected.Begin(scalars(step)), onCard = actual.Begin(scalars(step));
            change?.Invoke(expected);
            change?.Invoke(actual);
            scalar.Update(expected.Slots, ElementType.Float32, onProcessor, SingleThread.Instance);
            kernel.Update(actual.Slots, onCard, 0);
            actual.AssertSameBits(expected, $"{context}, step {step}");
        }
    }
}
