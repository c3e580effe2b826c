using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests;

/// <summary>libtorch's allocator is the process's: these look at differences, other tests may allocate as well.</summary>
public sealed class TensorMemoryTests : IDisposable
{
    private const long Large = 64 << 20;

    public TensorMemoryTests() => NativeAllocator.KeepFreedBlocks();

    public void Dispose() => NativeAllocator.ReturnFreedBlocks();

    [Fact]
    public void Install_OnThisLibtorch_IsServed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.X64, "Linux on x64 only");
        Assert.True(TensorMemory.Install());
        Assert.True(NativeAllocator.KeptShare < 0.1);
    }

    [Fact]
    public void Tensors_LieInOurBlocks_AndComputeTheSame()
    {
        long before = TensorMemory.Blocks.Live;
        using (Tensor a = arange(Large / sizeof(float), ScalarType.Float32))
        {
            Assert.True(TensorMemory.Blocks.Live >= before + Large);
            using Tensor view = a.view(4, -1)[1];
            using Tensor copy = view.clone();
            Assert.Equal(Large / sizeof(float) / 4, copy[0].item<float>());
        }

        using Tensor again = ones(Large / sizeof(float));
        Assert.Equal(Large / sizeof(float), again.sum(ScalarType.Float64).item<double>());
    }

    /// <summary>The C++ exception of the default allocator arrives as ever.</summary>
    [Fact]
    public void ATensorBeyondTheMachinesMemory_IsAnExceptionAsEver() =>
        Assert.Contains("memory", Assert.ThrowsAny<Exception>(static () => empty(1L << 50, ScalarType.Float32)).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void ManyThreads_TakeAndReturn()
    {
        Parallel.For(0, 16, static i =>
        {
            using DisposeScope scope = NewDisposeScope();
            for (int round = 0; round < 20; round++)
            {
                using Tensor tensor = full((2 << 20) + (i * 1000), i, ScalarType.Float32);
                using Tensor sum = tensor.sum(ScalarType.Float64);
                Assert.Equal((double)i * ((2 << 20) + (i * 1000)), sum.item<double>());
            }
        });
    }
}
