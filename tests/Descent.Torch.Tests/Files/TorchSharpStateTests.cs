using Descent.Torch.Tests.Optimizers;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Files;

/// <summary>States that TorchSharp's own optimizers wrote: the fused one goes on as they do.</summary>
public sealed class TorchSharpStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => ["SGD", "momentum", "Adam", "AMSGrad", "AdamW", "RMSProp", "centered RMSProp", "Adagrad", "Adadelta", "Adamax", "RAdam", "ASGD"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Load_GoesOnAsTorchSharpDoes(string kind)
    {
        using var theirs = new Model();
        using var ours = new Model();
        (OptimizerHelper torchSharp, FusedOptimizer fused) = Pair(kind, theirs, ours);
        using (torchSharp)
        using (fused)
        {
            Steps(theirs, torchSharp, 1, 5);
            string file = _folder.File("state");
            torchSharp.save_state_dict(file);
            using (no_grad())
            {
                foreach (var (mine, other) in ours.Tensors.Zip(theirs.Tensors))
                {
                    mine.copy_(other);
                }
            }

            Assert.Empty(fused.Load(file));
            Steps(theirs, torchSharp, 6, 10);
            Steps(ours, fused, 6, 10);

            // The same formulas in another order of operations: single precision's rounding, a few steps of it.
            Assert.InRange(Model.Distance(ours.Values(), theirs.Values()), 0, 1e-6);
            Assert.Equal(kind == "SGD" ? 5 : kind is "momentum" or "Adadelta" ? 6 : 10, fused.StepOf("layer0.weight"));
        }
    }

    [Fact]
    public void Load_OfAnotherModelOrADamagedFile_SaysSo()
    {
        using var model = new Model();
        using Adam torchSharp = optim.Adam(model.Named.Select(entry => entry.Parameter));
        Steps(model, torchSharp, 1, 1);
        string file = _folder.File("state");
        torchSharp.save_state_dict(file);
        using FusedOptimizer fewer = Fused.Adam(model.Named[..3]);
        Assert.Contains("it has 5 parameters, the optimizer 3", Refusal(fewer, file), StringComparison.Ordinal);

        File.WriteAllBytes(file, File.ReadAllBytes(file)[..100]);
        using FusedOptimizer same = Fused.Adam(model.Named);
        Assert.Contains("cannot be read as a file of TorchSharp's save_state_dict", Refusal(same, file), StringComparison.Ordinal);

        same.save_state_dict(file);
        Assert.Contains("load_state_dict", Refusal(same, file), StringComparison.Ordinal);
    }

    private static string Refusal(FusedOptimizer optimizer, string file)
    {
        string message = Assert.Throws<InvalidDataException>(() => optimizer.Load(file)).Message;
        Assert.StartsWith(file, message, StringComparison.Ordinal);
        return message;
    }

    private static (OptimizerHelper, FusedOptimizer) Pair(string kind, Model theirs, Model ours)
    {
        Parameter[] parameters = [.. theirs.Named.Select(entry => entry.Parameter)];
        return kind switch
        {
            "SGD" => (optim.SGD(parameters, 0.01, weight_decay: 0.1), Fused.SGD(ours.Named, 0.01, weight_decay: 0.1)),
            "momentum" => (optim.SGD(parameters, 0.01, momentum: 0.9, dampening: 0.2), Fused.SGD(ours.Named, 0.01, momentum: 0.9, dampening: 0.2)),
            "Adam" => (optim.Adam(parameters, 0.01, beta2: 0.9), Fused.Adam(ours.Named, 0.01, beta2: 0.9)),
            "AMSGrad" => (optim.Adam(parameters, 0.01, amsgrad: true), Fused.Adam(ours.Named, 0.01, amsgrad: true)),
            "AdamW" => (optim.AdamW(parameters, 0.01, weight_decay: 0.1), Fused.AdamW(ours.Named, 0.01, weight_decay: 0.1)),
            "RMSProp" => (optim.RMSProp(parameters, 0.01), Fused.RMSProp(ours.Named, 0.01)),
            "centered RMSProp" => (optim.RMSProp(parameters, 0.01, momentum: 0.5, centered: true), Fused.RMSProp(ours.Named, 0.01, momentum: 0.5, centered: true)),
            "Adadelta" => (optim.Adadelta(parameters, rho: 0.8), Fused.Adadelta(ours.Named, rho: 0.8)),
            "Adamax" => (optim.Adamax(parameters, 0.01, weight_decay: 0.1), Fused.Adamax(ours.Named, 0.01, weight_decay: 0.1)),
            "RAdam" => (optim.RAdam(parameters, 1), Fused.RAdam(ours.Named, 1)), // at a rate of 1 TorchSharp's square of it is right
            "ASGD" => (optim.ASGD(parameters, 0.01, t0: 2), Fused.ASGD(ours.Named, 0.01, t0: 2)),
            _ => (optim.Adagrad(parameters, 0.01, lr_decay: 0.1), Fused.Adagrad(ours.Named, 0.01, lr_decay: 0.1)),
        };
    }

    private static void Steps(Model model, optim.Optimizer optimizer, int first, int last)
    {
        for (int step = first; step <= last; step++)
        {
            model.SetGradients(step);
            optimizer.step();
        }
    }
}
