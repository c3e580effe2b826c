namespace Descent.Torch;

/// <summary>How a parameter was updated in the last step.</summary>
public enum UpdatePath
{
    /// <summary>Not yet: it had no gradient so far.</summary>
    None,

    /// <summary>In one fused pass over memory: float or double on the CPU, dense and contiguous.</summary>
    Kernel,

    /// <summary>In one fused pass over a card's memory: float on a CUDA device, dense and contiguous, where the kernels of Descent.Gpu are registered.</summary>
    DeviceKernel,

    /// <summary>The same formula through libtorch's operators: another device, layout or element type.</summary>
    Operators,

    /// <summary>
    /// By the kernel, in a contiguous copy on the CPU that is copied back: another device, layout or element type under a rule with sums over tensors.
    /// </summary>
    Copy,
}
