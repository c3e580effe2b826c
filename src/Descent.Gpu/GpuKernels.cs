using Descent.Torch;
using TorchSharp;

namespace Descent.Gpu;

/// <summary>Update kernels for NVIDIA cards: the same rules as on the processor, one pass over all tensors, in two launches a step.</summary>
/// <remarks>
/// They serve float parameters that lie on a card, dense and contiguous, with any element-wise rule, yours included, whose fields are numbers. Everything else goes on
/// through libtorch's operators; <see cref="FusedOptimizer.PathOf"/> tells which it was.
/// </remarks>
/// <example><code>
/// GpuKernels.Register();
/// using var optimizer = FusedOptimizer.Create(model.cuda().named_parameters(), new AdamWOptions());
/// </code></example>
public static class GpuKernels
{
    private static readonly Lazy<DeviceKernels> Cuda = new(static () => new RuleKernels(DeviceType.CUDA, new CudaLauncher(Driver(), TorchStream.Current)));

    private static readonly DeviceKernels Instance = new Deferred();

    /// <summary>Makes every fused optimizer of this process use them. Loads nothing before the first step of a parameter on a card.</summary>
    public static void Register() => DeviceKernels.Current = Instance;

    /// <summary>Goes back to libtorch's operators for parameters on a card.</summary>
    public static void Unregister() => DeviceKernels.Current = null;

    /// <summary>What keeps this process from working on a card, in one sentence; null where nothing does.</summary>
    public static string? Missing()
    {
        DescentNative.EnsureLoaded();
        if (CudaDriver.TryLoad(out string missing) is not { } driver)
        {
            return missing;
        }

        int result = driver.Init();
        if (result != 0)
        {
            return $"the NVIDIA driver doesn't start: {driver.NameOf(result)}";
        }

        return driver.DeviceGetCount(out int count) != 0 || count == 0
            ? "the NVIDIA driver finds no card"
            : torch.cuda.is_available()
                ? null
                : "libtorch is the build for the processor: let the program refer to the package TorchSharp-cuda-linux instead of libtorch-cpu-linux-x64, or name a PyTorch with CUDA by DESCENT_LIBTORCH=…/torch/lib";
    }

    private static CudaDriver Driver() =>
        CudaDriver.TryLoad(out string missing) ?? throw new CudaException($"Parameters lie on a card, but {missing}.");

    private sealed class Deferred : DeviceKernels
    {
        public override DeviceType Type => DeviceType.CUDA;

        public override DeviceKernel? TryCreate(Optimizers.UpdateKernel kernel, in Optimizers.StepScalars scalars) => Cuda.Value.TryCreate(kernel, scalars);
    }
}
