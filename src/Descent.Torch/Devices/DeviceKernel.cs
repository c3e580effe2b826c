using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>One rule over one list of float parameters on a device; like <see cref="UpdateKernel"/>, one for each list.</summary>
internal abstract class DeviceKernel
{
    /// <summary>Starts one step over all parameters, in the order of the device's work.</summary>
    /// <param name="slots">Addresses on the device.</param>
    /// <param name="scalars">Step number, rate and the rest of what changes.</param>
    /// <param name="device">The device's number.</param>
    public abstract void Update(ReadOnlySpan<TensorSlot> slots, in StepScalars scalars, int device);
}
