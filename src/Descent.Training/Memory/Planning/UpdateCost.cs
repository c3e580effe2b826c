using Descent.Torch;
using Descent.Training.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Memory;

/// <summary>What an optimizer's step takes, measured on copies: seconds an element, and workspace.</summary>
/// <param name="SecondsAnElement">Of the parameters that were stepped.</param>
/// <param name="Workspace">Bytes above parameters, gradients and states, for the copied part of the model.</param>
internal readonly record struct UpdateCost(double SecondsAnElement, long Workspace)
{
    private const int Rounds = 4;

    // Enough to run at the speed of memory, little enough not to be the largest thing in the process.
    private const long MostElements = 32L << 20;

    /// <summary>Steps copies of the parameters, largest matrices first left out beyond a limit.</summary>
    public static UpdateCost Measure(Routing routing)
    {
        using DisposeScope scope = NewDisposeScope();
        long left = MostElements;
        var copies = new List<FusedGroup>();
        foreach (FusedGroup group in routing.Groups)
        {
            var parameters = new List<(string Name, Parameter Parameter)>();
            foreach ((string name, Parameter parameter) in group.Parameters)
            {
                if (parameter.numel() <= left || (copies.Count == 0 && parameters.Count == 0))
                {
                    left -= parameter.numel();
                    parameters.Add((name, Copy(parameter)));
                }
            }

            if (parameters.Count > 0)
            {
                copies.Add(group with { Parameters = parameters });
            }
        }

        long elements = copies.Sum(static group => group.Parameters.Sum(static entry => entry.Parameter.numel()));
        using FusedOptimizer optimizer = FusedOptimizer.Create(copies);
        double fastest = double.PositiveInfinity;
        long workspace = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Reading reading = Meter.Measure(() => optimizer.Step(new StepRequest()));
            if (round > 0)
            {
                fastest = Math.Min(fastest, reading.Seconds);
                workspace = Math.Max(workspace, reading.Peak);
            }
        }

        Parameter[] stepped = [.. copies.SelectMany(static group => group.Parameters).Select(static entry => entry.Parameter)];
        GradientSink.Free(stepped);
        Array.ForEach(stepped, static parameter => parameter.Dispose());

        return new UpdateCost(fastest / Math.Max(1, elements), workspace);
    }

    private static Parameter Copy(Parameter parameter)
    {
        using IDisposable noGrad = no_grad();
        var copy = new Parameter(parameter.detach().clone());
        copy.grad = full_like(copy, 1e-3).DetachFromDisposeScope();
        return copy;
    }
}
