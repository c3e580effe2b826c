using Descent.Cli.Comparing;
using Descent.Optimizers;
using Descent.Training;
using Descent.Training.Configuration;
using Descent.Tuning;
using Descent.Tuning.Races;

namespace Descent.Cli.Tests.Comparing;

/// <summary>Who is compared, over which ranges, and what run a point means.</summary>
public sealed class CompareSetupTests : IDisposable
{
    private static readonly string[] SameRules = ["gradient_descent", "lomo", "momentum_ema"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_WithoutNames_TakesAllThatFit()
    {
        CompareSetup setup = Load();

        string[] leftOut = [.. setup.LeftOut.Select(static entry => entry.Name)];
        Assert.Equal([.. SameRules, "adan", "adopt", "cautious_adamw", "rprop"], leftOut.Order(StringComparer.Ordinal).OrderBy(static name => SameRules.Contains(name) ? 0 : 1));
        Assert.Equal(OptimizerCatalog.Names.Except(leftOut), setup.Contenders.Select(static contender => contender.Name));
        Assert.Contains(("lomo", "the same rule as sgd"), setup.LeftOut);
        Assert.Contains(setup.LeftOut, static entry => entry is ("rprop", "for full batches, and a step sees 8 of 48 samples"));
    }

    [Fact]
    public void Load_WithNames_TakesThemWhateverTheirPlace() =>
        Assert.Equal(["rprop", "adan"], Load("rprop", "adan").Contenders.Select(static contender => contender.Name));

    [Fact]
    public void Load_WithABudgetThatNoStateFits_LeavesTheLargeOnesOut()
    {
        // 42 parameters of 4 bytes, twice, and one state or none; AdamW has two.
        CompareSetup setup = LoadWith(["memory.budget=550B"]);

        Assert.Contains("sgd", setup.Contenders.Select(static contender => contender.Name));
        Assert.Contains(setup.LeftOut, static entry => entry.Name == "adamw" && entry.Why.Contains("more than the 550 B that memory.budget allows", StringComparison.Ordinal));
        Assert.Contains("adamw: ", Assert.Throws<BadInputException>(() => LoadWith(["memory.budget=550B"], "adamw", "sgd")).Message);
    }

    [Fact]
    public void Contender_OfTheFilesOwnKind_BeginsWithTheFilesValues()
    {
        Contender adamw = Load("adamw", "sgd").Contenders[0];

        Assert.Equal(5e-3, adamw.Start!["optimizer.learning_rate"].AsNumber());
        Assert.Equal(0.03, adamw.Start!["optimizer.weight_decay"].AsNumber());
        Assert.Contains(0.03, ((CategoricalParameter)adamw.Space.Parameters[adamw.Space.IndexOf("optimizer.weight_decay")]).Choices);
        Assert.Equal(adamw.Start!.Count, adamw.Space.Count);
    }

    [Fact]
    public void Contender_OfAFileWithoutAnOptimizer_BeginsWithTheAdvice() =>
        Assert.Equal(TuningAdviceCatalog.Of("adamw").Start, LoadWith([], ["adamw", "sgd"], optimizer: "").Contenders[0].Start!["optimizer.learning_rate"].AsNumber());

    [Fact]
    public void Contender_WithAKeyThatIsSetForAll_DoesNotSearchIt()
    {
        CompareSetup setup = LoadWith(["optimizer.weight_decay=0.2"], "adamw", "sgd");

        Assert.All(setup.Contenders, static contender => Assert.Equal(-1, contender.Space.IndexOf("optimizer.weight_decay")));
        Assert.Equal(0.2, setup.Best("sgd", Middle(setup.Contenders[1])).Training.Optimizer.WeightDecay);
    }

    [Fact]
    public void Contender_WithARangeForAll_SearchesIt()
    {
        CompareSetup setup = LoadWith(["gradients.clip_norm=log(0.1,10)"], "adamw", "sgd");

        Assert.All(setup.Contenders, static contender => Assert.True(contender.Space.IndexOf("gradients.clip_norm") >= 0));
        Assert.Equal(1, setup.Best("sgd", Middle(setup.Contenders[1])).Training.Gradients.ClipNorm!.Value, 1e-9);
    }

    [Fact]
    public void At_OfARuleForMatrices_SetsItsCompanionsRate()
    {
        CompareSetup setup = Load("muon", "galore");
        RunConfiguration muon = setup.Best("muon", Middle(setup.Contenders[0])), galore = setup.Best("galore", Middle(setup.Contenders[1]));

        Assert.Equal(muon.Training.Optimizer.LearningRate, muon.Training.Optimizer.Companion!.LearningRate);
        Assert.Equal(0.4 * galore.Training.Optimizer.LearningRate, galore.Training.Optimizer.Companion!.LearningRate, 1e-12);
    }

    [Fact]
    public void At_OfASearch_IsAShorterRunOfTheSameShape()
    {
        CompareSetup setup = LoadWith(["schedule={kind: cosine, warmup_steps: 4}", "stop.target={below: 0.1}", "stop.patience=1"], "adamw", "sgd");
        TrainingOptions half = setup.At("adamw", Middle(setup.Contenders[0]), 7, 0.5).Training, whole = setup.At("adamw", Middle(setup.Contenders[0]), 8, 1).Training;

        Assert.Equal((12, 2, 7), (half.Stop!.Steps, half.Schedule.WarmupSteps, half.Seed));
        Assert.Equal((24, 4, 8), (whole.Stop!.Steps, whole.Schedule.WarmupSteps, whole.Seed));
        Assert.Null(whole.Stop.Target);
        Assert.Null(whole.Stop.Patience);
        Assert.True(half.Stop.Steps / half.Validation.EverySteps >= 4);
    }

    [Fact]
    public void Advice_OfEveryRule_BindsAtItsEnds()
    {
        foreach (string name in OptimizerCatalog.Names)
        {
            CompareSetup setup = Load(name, name == "sgd" ? "adamw" : "sgd");
            Contender contender = setup.Contenders[0];
            Assert.True(contender.Space.Count >= 1);
            Assert.Equal(OptimizerCatalog.Create(name).Kind, setup.Best(name, contender.Space.Point(contender.Start!)).Training.Optimizer.Kind);
        }
    }

    private static Configuration Middle(Contender contender) => contender.Space.FromUnit([.. contender.Space.Parameters.Select(static _ => 0.5)]);

    private CompareSetup Load(params string[] optimizers) => LoadWith([], optimizers);

    private CompareSetup LoadWith(string[] settings, params string[] optimizers) => LoadWith(settings, optimizers, "optimizer: { kind: adamw, learning_rate: 5e-3, weight_decay: 0.03 }");

    private CompareSetup LoadWith(string[] settings, string[] optimizers, string optimizer)
    {
        File.WriteAllLines(_folder["table.csv"], Enumerable.Range(1, 60).Select(static i => $"{i % 7},{i * i % 17},{(i % 2 == 0 ? "even" : "odd")}").Prepend("a,b,y"));
        File.WriteAllText(_folder["run.yaml"], $$"""
            model: { kind: mlp, widths: [8] }
            data: { kind: csv, path: '{{_folder["table.csv"]}}', target: y, batch_size: 8, validation: 0.2 }
            {{optimizer}}
            validation: { every_steps: 4 }
            stop: { steps: 24 }
            """);
        return CompareSetup.Load(new CompareOptions { File = _folder["run.yaml"], Settings = settings, Optimizers = optimizers.Length == 0 ? null : optimizers }, new Progress<string>());
    }
}
