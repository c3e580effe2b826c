using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Models;

namespace Descent.Training.Tests.Configuration;

public sealed class RunTemplateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_ReadsKeysAndSectionsWithinSections()
    {
        RunTemplate template = Template("""
            model: mlp
            data: text
            search:
              optimizer.learning_rate: log(1e-5, 1e-1)
              model:
                dropout: uniform(0, 0.5)
                widths[0]: int(8, 64)
              where:
                - model.dropout < 0.4
                - optimizer.learning_rate > 0
            """);

        Assert.Equal(["optimizer.learning_rate=log(1e-5, 1e-1)", "model.dropout=uniform(0, 0.5)", "model.widths[0]=int(8, 64)"], template.Search.Select(static pair => $"{pair.Key}={pair.Value}"));
        Assert.Equal(["model.dropout < 0.4", "optimizer.learning_rate > 0"], template.Constraints);
        Assert.DoesNotContain("search", template.Yaml);
    }

    [Fact]
    public void Bind_GivesTheKeysTheirValues()
    {
        RunConfiguration run = Template("model: { kind: mlp, widths: [8, 8] }\ndata: text\noptimizer: { kind: adamw, learning_rate: 1 }\n").Bind(["optimizer.learning_rate=3e-4", "model.widths[1]=64"]);

        Assert.Equal(3e-4, run.Training.Optimizer.LearningRate);
        Assert.Equal([8, 64], Assert.IsType<MlpOptions>(run.Model).Widths);
    }

    [Fact]
    public void Bind_OfAnotherKind_DropsWhatTheFileSaidOfTheOldOne()
    {
        RunTemplate template = Template("model: mlp\ndata: text\noptimizer: { kind: adamw, beta2: 0.9, weight_decay: 0.3 }\n");

        Assert.Equal(0.3, template.Bind([]).Training.Optimizer.WeightDecay);

        // The kind comes first, wherever it stands among the values.
        var momentum = Assert.IsType<MomentumOptions>(template.Bind(["optimizer.momentum=0.5", "optimizer.kind=momentum"]).Training.Optimizer);
        Assert.Equal(0.5, momentum.Momentum);
        Assert.Equal(new MomentumOptions().WeightDecay, momentum.WeightDecay);
    }

    [Fact]
    public void Bind_PutsItsValuesAfterTheTemplates()
    {
        RunTemplate template = Template("model: mlp\ndata: text\n", "optimizer.kind=sgd", "optimizer.learning_rate=0.5", "data.batch_size=7");

        RunConfiguration run = template.Bind(["optimizer.learning_rate=0.25"]);

        Assert.Equal(0.25, run.Training.Optimizer.LearningRate);
        Assert.Equal(7, run.Data.BatchSize);
        Assert.Contains("batch_size: 7", template.Yaml);
    }

    [Fact]
    public void Load_OfATuneSection_HandsItsTextsOn()
    {
        RunTemplate template = Template("tune: { sampler: nsga2, objectives: [validation/loss, seconds] }\n");

        Assert.Equal("nsga2", Assert.Single(template.Tune).Value);
        Assert.Equal(["validation/loss", "seconds"], template.Objectives);
        Assert.Equal(["parameters"], Template("tune: { objectives: parameters }\n").Objectives);
        Assert.Null(Template("tune: { sampler: tpe }\n").Objectives);
        Assert.Null(Template("model: mlp\n").Objectives);
        Assert.DoesNotContain("tune", template.Yaml);
    }

    [Theory]
    [InlineData("tune:\n  objectives: { a: b }\n", "run.yaml:2: 'tune.objectives' must be a list of names, such as [validation/loss, seconds]")]
    [InlineData("tune:\n  objectives:\n    - seconds\n    - [a]\n", "run.yaml:4: 'tune.objectives' must be a list of names")]
    [InlineData("tune:\n  objective: seconds\n", "run.yaml:2: unknown key 'tune.objective'; allowed: sampler, pruner, objectives")]
    [InlineData("search: log(1,2)\n", "run.yaml:1: 'search' must be a section of keys with ranges")]
    [InlineData("search:\n  a.b: [1, 2]\n", "run.yaml:2: 'search.a.b' must be a range such as")]
    [InlineData("search: { a.b: log(1, 2) }\n", "between braces a comma ends a value")]
    [InlineData("search:\n  a.b: log(1,2)\n  a:\n    b: log(1,2)\n", "run.yaml:4: 'search' has 'a.b' twice")]
    [InlineData("search:\n  ? [a, b]\n  : log(1,2)\n", "run.yaml:2: 'search' has a key that is none")]
    [InlineData("search:\n  where: { a: 1 }\n", "run.yaml:2: 'search.where' must be a constraint such as")]
    public void Load_OfASectionThatIsNone_SaysWhere(string yaml, string expected)
    {
        BadInputException refused = Assert.Throws<BadInputException>(() => Template(yaml));

        Assert.Contains(expected, refused.Message);
    }

    [Fact]
    public void Bind_OfAValueThatIsNotAllowed_NamesTheKey()
    {
        BadInputException refused = Assert.Throws<BadInputException>(() => Template("model: mlp\ndata: text\n").Bind(["data.batch_size=0"]));

        Assert.Contains("data.batch_size", refused.Message);
    }

    private RunTemplate Template(string yaml, params string[] overrides) => RunTemplate.Load(_folder.Write("run.yaml", yaml), overrides);
}
