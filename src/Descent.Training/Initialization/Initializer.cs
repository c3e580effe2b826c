using System.Text;
using Descent.Torch;
using Descent.Training.Models;
using Descent.Training.Parametrization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Initialization;

/// <summary>Fills the parameters of one model.</summary>
internal sealed class Initializer(InitializationOptions options, Model model, long seed)
{
    public void Run()
    {
        using IDisposable noGrad = no_grad();
        if (options.From is { } from)
        {
            EarlierWeights.Load(model, from);
            return;
        }

        InitializationOptions chosen = options.Kind is InitializationKind.Default or InitializationKind.ZeroResidual
            ? model.DefaultInitialization
            : options;
        if (chosen.Kind == InitializationKind.Default)
        {
            // A module from code has its constructor's values.
            return;
        }

        foreach ((string name, Parameter parameter) in model.named_parameters())
        {
            using DisposeScope scope = NewDisposeScope();
            if (parameter.dtype == ScalarType.BFloat16)
            {
                // Drawn as a float32 model draws, then rounded to the nearest.
                Tensor exact = empty(parameter.shape, ScalarType.Float32, parameter.device);
                Fill(name, exact, chosen);
                parameter.copy_(exact);
            }
            else
            {
                Fill(name, parameter, chosen);
            }

            MappedArena.Release(parameter);
        }
    }

    private void Fill(string name, Tensor parameter, InitializationOptions chosen)
    {
        ParameterRole role = model.RoleOf(name);
        bool residual = model.WritesResidual(name);
        if (role is ParameterRole.Bias || (residual && options.Kind == InitializationKind.ZeroResidual))
        {
            nn.init.zeros_(parameter);
            return;
        }

        if (role is ParameterRole.Norm)
        {
            nn.init.ones_(parameter);
            return;
        }

        using var generator = new Generator(SeedOf(seed, name));
        long start = 0;
        WidthKind width = model.WidthKindOf(name);
        foreach (long rows in model.StackedRows(name, parameter.shape[0]))
        {
            Draw(parameter.narrow(0, start, rows), role, width, residual, chosen, generator);
            start += rows;
        }
    }

    private void Draw(Tensor weight, ParameterRole role, WidthKind width, bool residual, InitializationOptions chosen, Generator generator)
    {
        // Under muP a weight starts as large as in the base model, and a hidden one smaller by √m, as its inputs are more.
        double ratio = model.WidthRatio ?? 1;
        (double fanIn, double fanOut) = Fans(weight.shape);
        fanIn /= width is WidthKind.Hidden or WidthKind.Output ? ratio : 1;
        fanOut /= width is WidthKind.Hidden or WidthKind.Input ? ratio : 1;
        double scale = width == WidthKind.Hidden ? 1 / Math.Sqrt(ratio) : 1;
        double deviation = chosen.Deviation * scale;
        double bound = chosen.Bound * scale;
        InitializationKind kind = chosen.Kind;
        if (role == ParameterRole.Embedding && kind is not (InitializationKind.Uniform or InitializationKind.TruncatedNormal))
        {
            kind = InitializationKind.Normal;
        }

        bool rectified = kind is InitializationKind.KaimingNormal or InitializationKind.KaimingUniform && role != ParameterRole.Head;
        double gain = (chosen.Gain ?? (rectified ? Math.Sqrt(2) : 1)) * scale;
        switch (kind)
        {
            case InitializationKind.Normal:
                weight.normal_(0, deviation, generator);
                break;
            case InitializationKind.Gpt2:
                weight.normal_(0, residual ? deviation / Math.Sqrt(model.ResidualLayers) : deviation, generator);
                break;
            case InitializationKind.TruncatedNormal:
                RandomFill.TruncatedNormal(weight, deviation, generator);
                break;
            case InitializationKind.Uniform:
                weight.uniform_(-bound, bound, generator);
                break;
            case InitializationKind.XavierNormal:
                weight.normal_(0, gain * Math.Sqrt(2 / (fanIn + fanOut)), generator);
                break;
            case InitializationKind.XavierUniform:
                double xavier = gain * Math.Sqrt(6 / (fanIn + fanOut));
                weight.uniform_(-xavier, xavier, generator);
                break;
            case InitializationKind.KaimingNormal:
                weight.normal_(0, gain / Math.Sqrt(fanIn), generator);
                break;
            case InitializationKind.KaimingUniform:
                double kaiming = gain * Math.Sqrt(3 / fanIn);
                weight.uniform_(-kaiming, kaiming, generator);
                break;
            case InitializationKind.Orthogonal:

                // Of orthonormal rows the elements get smaller by √m themselves.
                RandomFill.Orthogonal(weight, gain * Math.Sqrt(ratio), generator);
                break;
            default:
                throw new InvalidOperationException($"{kind} is not a distribution.");
        }
    }

    /// <summary>Inputs and outputs of one unit: [out, in, …] with the rest a receptive field.</summary>
    internal static (double In, double Out) Fans(long[] shape)
    {
        double field = shape.Skip(2).Aggregate(1.0, (product, extent) => product * extent);
        return (shape.Length > 1 ? shape[1] * field : shape[0], shape[0] * field);
    }

    /// <summary>A generator's seed from the run's seed and a parameter's name: FNV-1a over the name, then SplitMix64's finalizer.</summary>
    internal static ulong SeedOf(long seed, string name)
    {
        ulong hash = 14695981039346656037UL;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        ulong mixed = hash + ((ulong)seed * 0x9E3779B97F4A7C15UL);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
        return mixed ^ (mixed >> 31);
    }
}
