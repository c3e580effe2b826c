using Descent.Torch;
using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Losses;
using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

public sealed class SmallModelTests
{
    public static TheoryData<string> Kinds => ["mlp", "mlp_norm", "cnn", "module"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Model_LearnsATinySet(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using Model model = Build(kind);
        new InitializationOptions().Apply(model, seed: 1);
        Tensor inputs = Input(kind, 24), targets = randint(0, 3, [24], ScalarType.Int64);
        Loss loss = new CrossEntropyOptions().Build();
        using var optimizer = optim.Adam(model.parameters(), 1e-2);
        for (int i = 0; i < 120; i++)
        {
            using DisposeScope step = NewDisposeScope();
            optimizer.zero_grad();
            LossValue value = loss.Compute(model, inputs, targets);
            BackwardPass.Run(value.Sum / value.Count);
            optimizer.step();
        }

        var metrics = new Metrics(TaskKind.Classification);
        model.eval();
        metrics.Add(model.call(inputs), targets);
        Assert.True(metrics.Result()["accuracy"] > 0.9, $"{metrics.Result()["accuracy"]}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Forward_IsTheCompositionOfTheSegments(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Build(kind);
        model.eval();
        Tensor input = Input(kind, 5);
        Tensor chained = model.Segments.Aggregate(input, (x, segment) => segment.call(x));
        Assert.Equal([5L, 3L], chained.shape);
        Assert.True(chained.allclose(model.call(input), 0, 0));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void SegmentedBackward_GivesTheSameGradients(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Build(kind);
        new InitializationOptions { Kind = InitializationKind.Normal, Deviation = 0.3 }.Apply(model, seed: 2);
        Tensor input = Input(kind, 6);
        Tensor direction = randn(6, 3);
        BackwardPass.Run(model.call(input), direction);
        Dictionary<string, Tensor> whole = model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!.clone());
        model.zero_grad();

        List<Tensor> inputs = [input];
        using (no_grad())
        {
            foreach (var segment in model.Segments)
            {
                inputs.Add(segment.call(inputs[^1]));
            }
        }

        Tensor gradient = direction;
        for (int i = model.Segments.Count - 1; i >= 0; i--)
        {
            Tensor x = inputs[i].detach().requires_grad_();
            BackwardPass.Run(model.Segments[i].call(x), gradient);
            gradient = x.grad!;
        }

        Assert.All(model.named_parameters(), entry => Assert.True(entry.parameter.grad!.allclose(whole[entry.name], 1e-4, 1e-5), entry.name));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Training_Over1000Steps_LeavesNoTensorBehind(string kind)
    {
        using Model model = Build(kind);
        new InitializationOptions().Apply(model, seed: 1);
        Loss loss = new CrossEntropyOptions().Build();
        using Tensor inputs = Input(kind, 2), targets = zeros(2, ScalarType.Int64);
        long live = 0;
        for (int step = 0; step < 1000; step++)
        {
            using (NewDisposeScope())
            {
                using LossValue value = loss.Compute(model, inputs, targets);
                BackwardPass.Run(value.Sum);
            }

            if (step == 4)
            {
                live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            }
        }

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void BatchNorm_InEvaluation_UsesItsRunningStatistics()
    {
        using DisposeScope scope = NewDisposeScope();
        using Model model = Build("mlp_norm");
        Tensor input = (randn(64, 6) * 3) + 2;
        Tensor before = model.state_dict()["layers.0.norm.running_var"].clone();
        model.call(input);
        Assert.False(model.state_dict()["layers.0.norm.running_var"].allclose(before));
        model.eval();
        Assert.True(model.call(input).narrow(0, 0, 1).allclose(model.call(input.narrow(0, 0, 1)), 1e-4, 1e-5));
    }

    [Fact]
    public void ModuleModel_KeepsNamesAndValues()
    {
        using DisposeScope scope = NewDisposeScope();
        var module = nn.Sequential(("first", nn.Linear(6, 8)), ("act", nn.ReLU()), ("last", nn.Linear(8, 3)));
        Tensor before = module.state_dict()["first.weight"].clone();
        using var model = new ModuleModel(module);
        new InitializationOptions().Apply(model, seed: 1);
        Assert.Equal(["first.weight", "first.bias", "last.weight", "last.bias"], model.named_parameters().Select(entry => entry.name));
        Assert.Equal(model.named_parameters().Select(entry => entry.name), model.state_dict().Keys);
        Assert.True(before.allclose(module.state_dict()["first.weight"], 0, 0));
        Assert.Equal(ParameterRole.HiddenMatrix, model.RoleOf("first.weight"));
        Assert.Equal(ParameterRole.Head, model.RoleOf("last.weight"));
        Assert.Equal(ParameterRole.Bias, model.RoleOf("last.bias"));
        Assert.Equal(2, model.Segments.Count);
    }

    [Fact]
    public void Options_ForOtherData_AreClearErrors()
    {
        Assert.Throws<BadInputException>(() => new CnnOptions().Build(TestModels.Table()));
        Assert.Throws<BadInputException>(() => new MlpOptions().Build(TestModels.Text()));
        Assert.Throws<ArgumentException>(() => new CnnOptions { Channels = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MlpOptions { Widths = [0] });
    }

    private static Model Build(string kind) => kind switch
    {
        "mlp" => new MlpOptions { Widths = [16, 8], Activation = ActivationKind.Gelu }.Build(TestModels.Table()),
        "mlp_norm" => new MlpOptions { Widths = [16], BatchNorm = true }.Build(TestModels.Table()),
        "cnn" => new CnnOptions { Channels = [4, 8] }.Build(TestModels.Images(classes: 3, size: 8)),
        _ => new ModuleModel(nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 3))),
    };

    private static Tensor Input(string kind, long batch) => kind == "cnn" ? randn(batch, 1, 8, 8) : randn(batch, 6);
}
