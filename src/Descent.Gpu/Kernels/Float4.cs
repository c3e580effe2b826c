using System.Runtime.InteropServices;

namespace Descent.Gpu;

/// <summary>Four neighbouring floats: what one thread reads and writes with one instruction.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Float4
{
    public float X;
    public float Y;
    public float Z;
    public float W;
}
