using System.Reflection;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Descent.Torch.Tests.Optimizers;

/// <summary><c>Fused.X</c> in the place of <c>torch.optim.X</c>.</summary>
public sealed class DropInTests
{
    private static readonly string[] Names = ["SGD", "Adagrad", "RMSProp", "Adam", "AdamW", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"];

    /// <summary>Where TorchSharp's own computes something else than PyTorch's: <see cref="ElementDropInTests"/> has those.</summary>
    private static readonly string[] Faulty = ["NAdam", "RAdam", "Rprop"];

    public static TheoryData<string> Optimizers => [.. Names];

    public static TheoryData<string> SoundOptimizers => [.. Names.Except(Faulty)];

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Overloads_HaveTheNamesOrderAndDefaultsOfTorchSharps(string name)
    {
        static string[] Signatures(Type type, string name) =>
        [
            .. type.GetMethods(BindingFlags.Public | BindingFlags.Static).Where(method => method.Name == name)
                .Select(method => string.Join(", ", method.GetParameters().Select(p => $"{p.ParameterType} {p.Name} = {p.DefaultValue}")))
                .Order(StringComparer.Ordinal),
        ];

        Assert.Equal(3, Signatures(typeof(Fused), name).Length);
        Assert.Equal(Signatures(typeof(optim), name), Signatures(typeof(Fused), name));
    }

    [Theory]
    [MemberData(nameof(SoundOptimizers))]
    public void Step_WithDefaults_EqualsTorchSharps(string name) =>
        AssertSame(model => Make(model, name, fused: true), model => Make(model, name, fused: false));

    [Fact]
    public void Groups_KeepOptionsOfTheirOwn() =>
        AssertSame(
            model => Fused.AdamW(AdamWGroups(model), lr: 0.02, weight_decay: 0.3),
            model => optim.AdamW(AdamWGroups(model), lr: 0.02, weight_decay: 0.3));

    [Fact]
    public void AddParamGroup_TakesTheOptimizersOptionsWhereTheGroupHasNone() =>
        AssertSame(
            model => AddLast(Fused.Adam([model.Named[0].Parameter], lr: 0.02, beta1: 0.7), model),
            model => AddLast(optim.Adam([model.Named[0].Parameter], lr: 0.02, beta1: 0.7), model));

    public static TheoryData<string> Schedulers => ["step", "cosine", "one_cycle"];

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void Scheduler_TurnsRateAndBetas(string scheduler) =>
        AssertSame(
            model => Fused.Adam(model.Named, lr: 0.02),
            model => optim.Adam(model.Named, lr: 0.02),
            optimizer => Schedule(scheduler, optimizer));

    [Theory]
    [InlineData("one_cycle")]
    [InlineData("cyclic")]
    public void Scheduler_TurnsMomentum(string scheduler) =>
        AssertSame(
            model => Fused.SGD(model.Named, 0.02, momentum: 0.5),
            model => optim.SGD(model.Named, 0.02, momentum: 0.5),
            optimizer => Schedule(scheduler, optimizer));

    // TorchSharp's own would take the first momentum for b = g as well: its buffer is missing until then.
    [Fact]
    public void Momentum_SwitchedOnLater_StartsFromTheGradient() =>
        AssertSame(
            model => Fused.SGD(model.Named, 0.02),
            model => optim.SGD(model.Named, 0.02),
            optimizer => step =>
            {
                if (step == 3)
                {
                    ((optim.IMomentum)optimizer.ParamGroups.Single()).Momentum = 0.9;
                }
            });

    [Fact]
    public void Step_LeavesParametersWithoutGradientAndTheirStepCountsAlone()
    {
        using var model = new Model();
        using FusedOptimizer fused = Fused.AdamW(model.Named, lr: 0.1);
        AssertSame(
            ours => Fused.AdamW(ours.Named, lr: 0.1),
            theirs => optim.AdamW(theirs.Named, lr: 0.1),
            gradients: (step, index) => index != 1 || step % 3 == 0);

        for (int step = 1; step <= 4; step++)
        {
            model.SetGradients(step, index => index != 1 || step > 2);
            fused.step();
        }

        Assert.Equal([4L, 2, 4, 4, 4], model.Named.Select(pair => fused.StepOf(pair.Name)));
    }

    [Fact]
    public void Step_WithAClosure_EvaluatesItWithGradientsAndReturnsItsLoss()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(3));
        using FusedOptimizer fused = Fused.SGD([parameter], 0.1);
        using var noGrad = no_grad();

        Tensor loss = fused.step(() =>
        {
            Tensor value = parameter.pow(2).sum();
            value.backward();
            return value;
        });

        Assert.Equal(3f, loss.item<float>());
        Assert.All(parameter.detach().data<float>().ToArray(), x => Assert.Equal(0.8f, x, 1e-6f));
    }

    [Fact]
    public void ZeroGrad_ClearsGradients()
    {
        using var model = new Model();
        using FusedOptimizer fused = Fused.SGD(model.Named, 0.1);
        model.SetGradients(1);
        double[][] before = model.Values();
        fused.zero_grad();
        fused.step();
        Assert.Equal(before, model.Values());
    }

    // PyTorch's semantics; TorchSharp adds the decay after the sign is lost, and the weights grow.
    [Fact]
    public void Sgd_WithMaximizeAndDecay_ShrinksTheWeights()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(2)) { grad = zeros(2) };
        using FusedOptimizer fused = Fused.SGD([parameter], 0.1, weight_decay: 0.5, maximize: true);
        fused.step();
        Assert.Equal(0.95f, parameter.detach()[0].item<float>(), 1e-6f);
    }

    [Fact]
    public void TiedParameters_AreUpdatedOnce()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter(ones(2)) { grad = ones(2) };
        using FusedOptimizer fused = Fused.SGD([("embedding", parameter), ("head", parameter)], 0.25);
        fused.step();
        Assert.Equal(0.75f, parameter.detach()[0].item<float>());
        Assert.Equal(["embedding"], fused.Names);
    }

    [Fact]
    public void Construction_NamesWhatIsWrong()
    {
        using var parameter = new Parameter(ones(2));
        using var other = new Parameter(ones(2));
        using var whole = new Parameter(ones(2, dtype: ScalarType.Int32), requires_grad: false);
        Assert.Contains("learning rate is -1", Assert.Throws<ArgumentException>(() => Fused.AdamW([parameter], lr: -1)).Message, StringComparison.Ordinal);
        Assert.Contains("Beta1 is 1.5", Assert.Throws<ArgumentOutOfRangeException>(() => Fused.Adam([parameter], beta1: 1.5)).Message, StringComparison.Ordinal);
        Assert.Contains("weight decay is -2", Assert.Throws<ArgumentException>(() => Fused.Adagrad([parameter], weight_decay: -2)).Message, StringComparison.Ordinal);
        Assert.Contains("Nesterov", Assert.Throws<ArgumentException>(() => Fused.SGD([parameter], 0.1, nesterov: true)).Message, StringComparison.Ordinal);
        Assert.Contains("type Int32", Assert.Throws<ArgumentException>(() => Fused.SGD([whole], 0.1)).Message, StringComparison.Ordinal);
        Assert.Contains("Two parameters are named 'w'", Assert.Throws<ArgumentException>(
            () => Fused.SGD([("w", parameter), ("w", other)], 0.1)).Message, StringComparison.Ordinal);
        Assert.Contains("earlier group as '0'", Assert.Throws<ArgumentException>(
            () => Fused.SGD([new SGD.ParamGroup([parameter]), new SGD.ParamGroup([parameter])], 0.1)).Message, StringComparison.Ordinal);
    }

    private static optim.Optimizer Make(Model model, string name, bool fused) => (name, fused) switch
    {
        ("SGD", true) => Fused.SGD(model.Named, 0.01),
        ("SGD", false) => optim.SGD(model.Named, 0.01),
        ("Adagrad", true) => Fused.Adagrad(model.Named),
        ("Adagrad", false) => optim.Adagrad(model.Named),
        ("RMSProp", true) => Fused.RMSProp(model.Named),
        ("RMSProp", false) => optim.RMSProp(model.Named),
        ("Adam", true) => Fused.Adam(model.Named),
        ("Adam", false) => optim.Adam(model.Named),
        ("AdamW", true) => Fused.AdamW(model.Named),
        ("Adadelta", true) => Fused.Adadelta(model.Named),
        ("Adadelta", false) => optim.Adadelta(model.Named),
        ("Adamax", true) => Fused.Adamax(model.Named),
        ("Adamax", false) => optim.Adamax(model.Named),
        ("ASGD", true) => Fused.ASGD(model.Named),
        ("ASGD", false) => optim.ASGD(model.Named),
        _ => optim.AdamW(model.Named),
    };

    private static AdamW.ParamGroup[] AdamWGroups(Model model)
    {
        Parameter[] parameters = [.. model.Named.Select(pair => pair.Parameter)];
        return
        [
            new() { Parameters = parameters[..2] },
            new(parameters[2..], lr: 0.05, beta1: 0.5, weight_decay: 0, amsgrad: true),
        ];
    }

    private static optim.Optimizer AddLast(optim.Optimizer optimizer, Model model)
    {
        optimizer.add_param_group(new Adam.ParamGroup { Parameters = [.. model.Named.Skip(1).Select(pair => pair.Parameter)] });
        return optimizer;
    }

    private static Action<int> Schedule(string name, optim.Optimizer optimizer)
    {
        var scheduler = name switch
        {
            "step" => optim.lr_scheduler.StepLR(optimizer, 5, 0.5),
            "cosine" => optim.lr_scheduler.CosineAnnealingLR(optimizer, 20),
            "cyclic" => optim.lr_scheduler.CyclicLR(optimizer, 0.01, 0.05, 4),
            _ => optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps: 30),
        };
        return _ => scheduler.step();
    }

    /// <summary>20 steps of both on the same gradients, with what happens between the steps.</summary>
    private static void AssertSame(
        Func<Model, optim.Optimizer> makeOurs,
        Func<Model, optim.Optimizer> makeTheirs,
        Func<optim.Optimizer, Action<int>>? between = null,
        Func<int, int, bool>? gradients = null)
    {
        double[][] Run(Func<Model, optim.Optimizer> make, out double[][] start)
        {
            using var model = new Model(ScalarType.Float64);
            start = model.Values();
            using optim.Optimizer optimizer = make(model);
            Action<int>? then = between?.Invoke(optimizer);
            for (int step = 1; step <= 20; step++)
            {
                model.SetGradients(step, index => gradients?.Invoke(step, index) ?? true);
                optimizer.step();
                then?.Invoke(step);
            }

            return model.Values();
        }

        double[][] ours = Run(makeOurs, out double[][] start);
        double[][] theirs = Run(makeTheirs, out _);
        Assert.InRange(Model.Distance(ours, theirs), 0, 1e-12);
        Assert.True(Model.Distance(start, theirs) > 1e-3, "the parameters hardly moved");
    }
}
