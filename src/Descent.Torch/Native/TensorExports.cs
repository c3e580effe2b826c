using System.Runtime.InteropServices;
using TorchSharp;

namespace Descent.Torch;

/// <summary>The few functions of TorchSharp's bridge that a step calls for every parameter, without wrappers and marshalling.</summary>
/// <remarks>
/// A <c>tensor</c> is <see cref="torch.Tensor.Handle"/>: the caller keeps its wrapper alive. All of them return in well under a
/// microsecond, neither wait nor call back, and catch C++ exceptions inside, which is what leaving out the GC transition asks for.
/// </remarks>
internal static unsafe class TensorExports
{
    /// <summary>c10's <c>ScalarType</c> of float, double and bfloat16.</summary>
    public const sbyte Float32 = 6, Float64 = 7, Bfloat16 = 15;

    /// <summary>The gradient as a handle of its own, to be released with <see cref="Release"/>; 0 when there is none.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, nint> Gradient;

    /// <summary>Gives the handle of a gradient back, which its parameter still holds, so that nothing is freed.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void> Release;

    /// <summary>Address of the first element.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*> Data;

    /// <summary>The element type's number.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, sbyte> ScalarType;

    /// <summary>Number of elements.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, long> Length;

    /// <summary>Whether elements lie in row-major order without gaps.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte> IsContiguous;

    /// <summary>The kind of device, a <see cref="TorchSharp.DeviceType"/>.</summary>
    public static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int> DeviceType;

    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int> DeviceIndex;
    private static readonly nint Bridge;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte> IsOnCpu;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte> IsSparse;
    private static readonly delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, long> IsNegativeView;

    static TensorExports()
    {
        DescentNative.EnsureLoaded();
        nint bridge = NativeLoader.BridgeHandle;
        if (bridge == 0)
        {
            torch.InitializeDeviceType(TorchSharp.DeviceType.CPU); // TorchSharp's own way, where the load is left to it
            bridge = NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, null);
        }

        Bridge = bridge;
        Gradient = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, nint>)Find(bridge, "THSTensor_grad");
        Release = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void>)Find(bridge, "THSTensor_dispose");
        Data = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, void*>)Find(bridge, "THSTensor_data");
        ScalarType = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, sbyte>)Find(bridge, "THSTensor_type");
        Length = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, long>)Find(bridge, "THSTensor_numel");
        DeviceType = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int>)Find(bridge, "THSTensor_device_type");
        DeviceIndex = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, int>)Find(bridge, "THSTensor_device_index");
        IsOnCpu = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte>)Find(bridge, "THSTensor_is_cpu");
        IsSparse = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte>)Find(bridge, "THSTensor_is_sparse");
        IsContiguous = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, byte>)Find(bridge, "THSTensor_is_contiguous");
        IsNegativeView = (delegate* unmanaged[Cdecl, SuppressGCTransition]<nint, long>)Find(bridge, "THSTensor_is_neg");
    }

    /// <summary>
    /// The elements, where C# may read and write them as a flat array of float or double: on the CPU, dense, contiguous and not a
    /// view that negates. Otherwise false, and no address.
    /// </summary>
    public static bool TryRead(nint tensor, out FlatTensor flat) => TryReadStored(tensor, out flat) && (flat.Type is Float32 or Float64);

    /// <summary>The same for elements of any type, as states are stored.</summary>
    public static bool TryReadStored(nint tensor, out FlatTensor flat)
    {
        flat = default;
        sbyte type = ScalarType(tensor);
        if (IsOnCpu(tensor) == 0 || IsSparse(tensor) != 0 || IsContiguous(tensor) == 0 || IsNegativeView(tensor) != 0)
        {
            return false;
        }

        flat = new FlatTensor(Data(tensor), Length(tensor), type);
        return flat.Data != null || flat.Length == 0; // an opaque layout has no address
    }

    /// <summary>The device's number; 0 where there is only one of its kind.</summary>
    public static int DeviceOf(nint tensor) => Math.Max(DeviceIndex(tensor), 0);

    /// <summary>The elements, where kernels of a device may read and write them as a flat array of float. Otherwise false, and no address.</summary>
    public static bool TryReadOn(DeviceType type, int device, nint tensor, out FlatTensor flat)
    {
        flat = default;
        if (ScalarType(tensor) != Float32 || DeviceType(tensor) != (int)type || DeviceOf(tensor) != device
            || IsSparse(tensor) != 0 || IsContiguous(tensor) == 0 || IsNegativeView(tensor) != 0)
        {
            return false;
        }

        flat = new FlatTensor(Data(tensor), Length(tensor), Float32);
        return flat.Data != null || flat.Length == 0;
    }

    /// <summary>Where a function of TorchSharp's bridge lies that is called too seldom to stand here.</summary>
    public static nint Export(string name) => Find(Bridge, name);

    private static nint Find(nint bridge, string name) =>
        NativeLibrary.TryGetExport(bridge, name, out nint address)
            ? address
            : throw new EntryPointNotFoundException(
                $"TorchSharp {typeof(torch).Assembly.GetName().Version} does not export {name}; use TorchSharp {NativeLoader.TorchSharpVersion}.");
}

/// <summary>Elements that lie one after another in this process's memory.</summary>
internal readonly unsafe struct FlatTensor(void* data, long length, sbyte type)
{
    public readonly void* Data = data;
    public readonly long Length = length;
    public readonly sbyte Type = type;
}
