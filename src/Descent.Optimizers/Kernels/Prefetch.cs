using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Descent.Optimizers;

/// <summary>Asks for memory before it is needed. The address may be anyone's, or nobody's; without the instruction it does nothing.</summary>
internal static unsafe class Prefetch
{
    /// <summary>Brings the cache line at an address into the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(byte* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
