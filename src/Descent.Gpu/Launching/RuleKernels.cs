using Descent.Optimizers;
using Descent.Torch;
using TorchSharp;

namespace Descent.Gpu;

/// <summary>What fused optimizers ask for the kernels of a device type.</summary>
internal sealed class RuleKernels(DeviceType type, ILauncher launcher) : DeviceKernels
{
    public override DeviceType Type => type;

    public override DeviceKernel? TryCreate(UpdateKernel kernel, in StepScalars scalars) =>
        RuleKernel.Serves(kernel, scalars) ? new RuleKernel(kernel, launcher) : null;
}
