using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Descent.Torch;

/// <summary>Loads the native libraries of TorchSharp where its own start-up cannot.</summary>
/// <remarks>
/// <para>TorchSharp 0.107.0 asks for the C++ runtime of GCC 13 for no reason of substance, and so fails to load on Debian 12, Ubuntu 22.04
/// and RHEL 9. When, and only when, its plain load fails, this class loads libtorch by full path and TorchSharp's bridge from a corrected copy in
/// memory (<c>VersionNeeds</c> tells what is corrected). Nothing is written to disk, and packages stay untouched. TorchSharp then
/// finds both by their names.</para>
/// <para>This must happen before the first use of <c>torch</c>. A project that references the package gets a module initializer that
/// sees to it (property <c>DescentLoadsTorchAtStart</c>, default true); a script, or a program that switched that off, calls
/// <see cref="EnsureLoaded"/> first.</para>
/// <para>Where the environment variable <c>DESCENT_LIBTORCH</c> names a folder, libtorch is loaded from there instead of the application's packages: <c>torch/lib</c> of an
/// installed PyTorch, say, which brings CUDA with it. Its version should be that of TorchSharp's, 2.10; 2.11 was seen to work.</para>
/// <para>Serves Linux x64. On other systems the load is left to TorchSharp.</para>
/// </remarks>
public static class DescentNative
{
    private static readonly Lock Gate = new();
    private static volatile bool _loaded;
    private static DllNotFoundException? _failure;

    /// <summary>Loads libtorch and TorchSharp's bridge unless they are loaded. Cheap when called again, safe from several threads.</summary>
    /// <exception cref="DllNotFoundException">They cannot be loaded. The message says what is missing and what to do.</exception>
    public static void EnsureLoaded()
    {
        if (_loaded)
        {
            return;
        }

        lock (Gate)
        {
            if (_failure is not null)
            {
                ExceptionDispatchInfo.Throw(_failure);
            }

            try
            {
                if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64)
                {
                    NativeLoader.Load(NativeFolders.OfThisProcess());
                }

                _loaded = true;
            }
            catch (DllNotFoundException failure)
            {
                _failure = failure;
                throw;
            }
        }
    }

    // An exception here would reach users as a type initializer's: keep it for the first EnsureLoaded, which every entry point calls.
#pragma warning disable CA2255 // the point of this library is to be ready before the first tensor
    [ModuleInitializer]
    internal static void LoadQuietly()
    {
        try
        {
            EnsureLoaded();
        }
        catch (DllNotFoundException)
        {
        }
    }
#pragma warning restore CA2255
}
