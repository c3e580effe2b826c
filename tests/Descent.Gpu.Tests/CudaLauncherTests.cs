using Descent.Gpu.Tests.Fakes;
using Descent.Optimizers;

namespace Descent.Gpu.Tests;

/// <summary>What the driver is asked for, and what becomes of its refusals.</summary>
public sealed class CudaLauncherTests
{
    private const nint Stream = 4242;

    [Fact]
    public void ManyTinyTensors_AreOneLaunch_OnLibtorchsStream()
    {
        var driver = new FakeCudaDriver();
        var options = new AdamWOptions();
        using var tensors = new HostTensors(options, [.. Enumerable.Repeat(3, 2000)]);
        Unexempt(tensors);
        var kernel = new RuleKernel(options.CreateKernel(), new CudaLauncher(driver, static _ => Stream));
        kernel.Update(tensors.Slots, tensors.Begin(options.Scalars(1)), 0);
        Assert.Equal([(2000u, (uint)Piece.Threads, Stream)], driver.Launches);
        Assert.Equal(0, driver.Depth);
    }

    [Fact]
    public void ExemptTensors_AreASecondLaunch()
    {
        var driver = new FakeCudaDriver();
        var options = new AdamWOptions { WeightDecay = 0.1 };
        using var tensors = new HostTensors(options, [5, 5, 5, 5, 5]); // the fourth is exempt
        new RuleKernel(options.CreateKernel(), new CudaLauncher(driver, static _ => 0)).Update(tensors.Slots, tensors.Begin(options.Scalars(1)), 0);
        Assert.Equal([4u, 1u], driver.Launches.Select(static launch => launch.Blocks));
    }

    [Fact]
    public void LaterSteps_UploadOnlyWhatMoved_AndCompileNothing()
    {
        var driver = new FakeCudaDriver();
        var options = new AdamWOptions();
        using HostTensors tensors = new(options, [5, 6]), others = new(options, [5, 6]);
        var kernel = new RuleKernel(options.CreateKernel(), new CudaLauncher(driver, static _ => 0));
        kernel.Update(tensors.Slots, tensors.Begin(options.Scalars(1)), 0);
        Assert.Equal(2, driver.Calls.Count(static call => call == nameof(ICudaDriver.MemcpyHtoDAsync))); // tensors and pieces

        driver.Calls.Clear();
        kernel.Update(tensors.Slots, tensors.Begin(options.Scalars(2)), 0);
        Assert.Equal([nameof(ICudaDriver.LaunchKernel)], driver.Calls);

        driver.Calls.Clear();
        kernel.Update(others.Slots, others.Begin(options.Scalars(3)), 0); // the same lengths elsewhere
        Assert.Equal([nameof(ICudaDriver.MemcpyHtoDAsync), nameof(ICudaDriver.LaunchKernel)], driver.Calls);
    }

    [Fact]
    public void ChangingLists_AreCutAnew()
    {
        var driver = new FakeCudaDriver();
        var options = new SgdOptions { LearningRate = 0.5 };
        using HostTensors many = new(options, [9, 9, 9]), expected = new(options, [9, 9, 9]);
        var kernel = new RuleKernel(options.CreateKernel(), new CudaLauncher(driver, static _ => 0));
        UpdateKernel reference = options.CreateKernel();
        long step = 1;
        foreach (Range range in (Range[])[0..1, 0..3, 1..2, 0..0, 1..3])
        {
            kernel.Update(many.Slots.AsSpan(range), many.Begin(options.Scalars(step)), 0);
            reference.Update(expected.Slots.AsSpan(range), ElementType.Float32, expected.Begin(options.Scalars(step)), SingleThread.Instance);
            Assert.Null(many.FirstDifference(expected));
            step++;
        }
    }

    [Fact]
    public void MemoryOfTables_IsGivenBackInTheContext()
    {
        var driver = new FakeCudaDriver();
        var launcher = new CudaLauncher(driver, static _ => 0);
        launcher.Allocate(0, 100).Dispose();
        Assert.Equal(0, driver.Allocated);
        Assert.Equal(0, driver.Depth);
    }

    [Theory]
    [InlineData(nameof(ICudaDriver.Init))]
    [InlineData(nameof(ICudaDriver.DevicePrimaryCtxRetain))]
    [InlineData(nameof(ICudaDriver.MemAlloc))]
    [InlineData(nameof(ICudaDriver.MemcpyHtoDAsync))]
    [InlineData(nameof(ICudaDriver.ModuleLoadData))]
    [InlineData(nameof(ICudaDriver.ModuleGetFunction))]
    [InlineData(nameof(ICudaDriver.LaunchKernel))]
    public void Refusals_NameTheResult_AndLeaveTheContext(string function)
    {
        var driver = new FakeCudaDriver { Failing = function };
        var options = new AdamWOptions();
        using var tensors = new HostTensors(options, [5]);
        var kernel = new RuleKernel(options.CreateKernel(), new CudaLauncher(driver, static _ => 0));
        var problem = Assert.Throws<CudaException>(() => kernel.Update(tensors.Slots, tensors.Begin(options.Scalars(1)), 0));
        Assert.Contains("CUDA_ERROR_999", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, driver.Depth);
        if (function == nameof(ICudaDriver.ModuleLoadData))
        {
            Assert.Contains("ptxas error: line 7", problem.Message, StringComparison.Ordinal);
        }
    }

    private static void Unexempt(HostTensors tensors)
    {
        for (int i = 0; i < tensors.Slots.Length; i++)
        {
            TensorSlot slot = tensors.Slots[i];
            unsafe
            {
                tensors.Slots[i] = new TensorSlot
                {
                    Parameter = slot.Parameter,
                    Gradient = slot.Gradient,
                    State0 = slot.State0,
                    State1 = slot.State1,
                    Length = slot.Length,
                };
            }
        }
    }
}
