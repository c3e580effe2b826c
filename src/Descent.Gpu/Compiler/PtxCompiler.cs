using System.Reflection;
using System.Runtime.CompilerServices;
using Descent.Optimizers;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;

namespace Descent.Gpu;

/// <summary>Compiles rules to PTX, NVIDIA's portable assembly, with ILGPU. Needs no card and no driver.</summary>
internal sealed class PtxCompiler : IDisposable
{
    private readonly Context _context;
    private readonly PTXBackend _backend;

    public PtxCompiler()
    {
        // O1: the passes of O2 judge which branches all threads take alike, and can't see through our loads.
        _context = Context.Create(builder => builder.Optimize(OptimizationLevel.O1));
        PtxInstructions.Register(_context);

        // Turing is the oldest architecture that CUDA 13 knows; the driver compiles its PTX for every later card. PTX 6.4 came with CUDA 10.1, in 2019.
        _backend = new PTXBackend(_context, CudaArchitecture.SM_75, CudaInstructionSet.ISA_64, null!);
    }

    /// <summary>Whether a rule can be handed to a card: its fields are plain numbers.</summary>
    public static bool Serves<TRule>() where TRule : struct => !RuntimeHelpers.IsReferenceOrContainsReferences<TRule>();

    /// <summary>The kernel of a rule and a prologue.</summary>
    /// <exception cref="NotSupportedException">The rule has fields that are references, or does what ILGPU can't compile.</exception>
    public PtxKernel Compile<TRule, TPrologue>()
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>
    {
        if (!Serves<TRule>())
        {
            throw new NotSupportedException(
                $"{NameOf(typeof(TRule))} has fields that are references, which a card can't follow. Compute in its constructor the numbers that Update needs, and keep only them.");
        }

        MethodInfo kernel = typeof(UpdateTensors<TRule, TPrologue>).GetMethod(nameof(UpdateTensors<,>.Run))!;
        try
        {
            var compiled = (PTXCompiledKernel)_backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), default);
            return PtxKernel.FromAssembly(compiled.PTXAssembly);
        }
        catch (InternalCompilerException problem)
        {
            throw new NotSupportedException(
                $"{NameOf(typeof(TRule))} can't be compiled for a card: {(problem.InnerException ?? problem).Message} "
                + "Keep to the operations of ILane and to numbers; unregister the GPU kernels to train it through libtorch's operators.",
                problem);
        }
    }

    public void Dispose()
    {
        _backend.Dispose();
        _context.Dispose();
    }

    /// <summary>The user's own type inside the adapter.</summary>
    private static string NameOf(Type rule) => rule.IsGenericType ? rule.GetGenericArguments()[0].Name : rule.Name;
}
