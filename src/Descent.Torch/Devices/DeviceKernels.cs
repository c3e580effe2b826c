using Descent.Optimizers;
using TorchSharp;

namespace Descent.Torch;

/// <summary>Kernels for parameters that lie on another device than the processor. A package for that device registers itself here.</summary>
internal abstract class DeviceKernels
{
    /// <summary>Those in use; null where libtorch's operators do such parameters.</summary>
    public static DeviceKernels? Current { get; set; }

    /// <summary>The device.</summary>
    public abstract DeviceType Type { get; }

    /// <summary>The kernel's twin on the device, or null where there can be none: a rule that isn't element-wise, or that holds references.</summary>
    public abstract DeviceKernel? TryCreate(UpdateKernel kernel, in StepScalars scalars);
}
