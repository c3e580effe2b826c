using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// libtorch's L-BFGS through the functions of TorchSharp's bridge that its own class calls. The class would ask libtorch for the parameters, at which libtorch prints a
/// warning to the terminal every time one is made.
/// </summary>
internal sealed unsafe class NativeLbfgs : IDisposable
{
    private static readonly delegate* unmanaged[Cdecl]<nint*, int, double, long, long, double, double, long, nint> Create =
        (delegate* unmanaged[Cdecl]<nint*, int, double, long, long, double, double, long, nint>)TensorExports.Export("THSNN_LBFGS_ctor");

    private static readonly delegate* unmanaged[Cdecl]<nint, nint, nint> DoStep =
        (delegate* unmanaged[Cdecl]<nint, nint, nint>)TensorExports.Export("THSNN_Optimizer_step");

    private static readonly delegate* unmanaged[Cdecl]<nint, void> Delete =
        (delegate* unmanaged[Cdecl]<nint, void>)TensorExports.Export("THSNN_Optimizer_dispose");

    private readonly Parameter[] _parameters;
    private nint _handle;

    public NativeLbfgs(Parameter[] parameters, double rate, long iterations, double gradientTolerance, double changeTolerance, long history)
    {
        _parameters = parameters;
        nint[] handles = [.. parameters.Select(static parameter => parameter.Handle)];
        fixed (nint* first = handles)
        {
            // A quarter more evaluations than iterations, as PyTorch.
            _handle = Create(first, handles.Length, rate, iterations, Math.Max(1, iterations * 5 / 4), gradientTolerance, changeTolerance, history);
        }

        CheckForErrors();
        GC.KeepAlive(_parameters);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate nint Closure();

    /// <summary>Does the iterations; the closure's result is a tensor's handle, alive until this returns. It must not throw.</summary>
    public void Step(Closure closure)
    {
        nint result = DoStep(_handle, Marshal.GetFunctionPointerForDelegate(closure));
        GC.KeepAlive(closure);
        GC.KeepAlive(_parameters);
        if (result != 0)
        {
            Tensor.UnsafeCreateTensor(result).Dispose();
        }

        CheckForErrors();
    }

    public void Dispose()
    {
        if (_handle != 0)
        {
            Delete(_handle);
            _handle = 0;
        }
    }
}
