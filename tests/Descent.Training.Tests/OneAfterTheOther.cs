using System.Runtime.CompilerServices;
using Descent.Torch;
using TorchSharp;

// libtorch's default generator belongs to the process: dropout of one test must not draw from the seed of another.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Descent.Training.Tests;

internal static class OneAfterTheOther
{
    // Several test programs share the cores. libtorch's threads wait by spinning, which costs the others more than it gains here.
    [ModuleInitializer]
    internal static void UseOneThread()
    {
        DescentNative.EnsureLoaded();
        torch.set_num_threads(1);
    }
}
