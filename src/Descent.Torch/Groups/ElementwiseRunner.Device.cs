using Descent.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Torch;

// Parameters that registered kernels serve on their device.
internal sealed unsafe partial class ElementwiseRunner
{
    private readonly List<DeviceKernel?> _deviceKernels = [];
    private DeviceKernels? _devices;

    /// <summary>Gathers a parameter whose gradient and states lie as its device's kernels want them; <paramref name="gradient"/> stays taken.</summary>
    private bool TryGatherOnDevice(ParameterState parameter, nint gradient, in StepScalars scalars, out TensorSlot slot, out int device)
    {
        (slot, device) = (default, 0);
        if (DeviceKernels.Current is not { } kernels || TensorExports.DeviceType(parameter.Parameter.Handle) != (int)kernels.Type)
        {
            return false;
        }

        if (!ReferenceEquals(kernels, _devices))
        {
            _deviceKernels.Clear();
            _devices = kernels;
        }

        device = TensorExports.DeviceOf(parameter.Parameter.Handle);
        if (OnDevice(0, scalars) is null
            || !TensorExports.TryReadOn(kernels.Type, device, parameter.Parameter.Handle, out FlatTensor p)
            || !TryReadGradient(parameter, gradient, kernels.Type, device, out FlatTensor g)
            || g.Length != p.Length)
        {
            return false;
        }

        void** states = stackalloc void*[4];
        for (int i = 0; i < _states.Count; i++)
        {
            if (!TensorExports.TryReadOn(kernels.Type, device, parameter[i].Handle, out FlatTensor state) || state.Length != p.Length)
            {
                return false;
            }

            states[i] = state.Data;
        }

        slot = new TensorSlot
        {
            Parameter = p.Data,
            Gradient = g.Data,
            State0 = _states.Count > 0 ? states[0] : null,
            State1 = _states.Count > 1 ? states[1] : null,
            State2 = _states.Count > 2 ? states[2] : null,
            State3 = _states.Count > 3 ? states[3] : null,
            Length = p.Length,
            GradientScale = parameter.GradientFactor,
            Exempt = parameter.Exempt,
        };
        return true;
    }

    private bool TryReadGradient(ParameterState parameter, nint gradient, DeviceType type, int device, out FlatTensor flat)
    {
        if (TensorExports.TryReadOn(type, device, gradient, out flat))
        {
            return true;
        }

        using Tensor strided = parameter.Parameter.grad!;
        return TensorExports.TryReadOn(type, device, Copy(strided), out flat);
    }

    /// <summary>The twin of a kernel on the device; null where there is none.</summary>
    private DeviceKernel? OnDevice(int index, in StepScalars scalars)
    {
        while (_deviceKernels.Count <= index)
        {
            _deviceKernels.Add(_devices!.TryCreate(Kernel(_deviceKernels.Count), scalars));
        }

        return _deviceKernels[index];
    }
}
