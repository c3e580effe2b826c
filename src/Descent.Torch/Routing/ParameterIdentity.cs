using System.Runtime.InteropServices;
using TorchSharp.Modules;

namespace Descent.Torch;

/// <summary>Tells whether two wrappers are of one parameter.</summary>
internal static class ParameterIdentity
{
    /// <summary>Two wrappers of one tensor (tied weights) have two handles, which point to the same implementation.</summary>
    public static nint Of(Parameter parameter)
    {
        nint identity = Marshal.ReadIntPtr(parameter.Handle);
        GC.KeepAlive(parameter);
        return identity;
    }
}
