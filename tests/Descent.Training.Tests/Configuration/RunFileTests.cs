using Descent.Optimizers;
using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Training.Tests.Configuration;

public sealed class RunFileTests
{
    private const string Small =
        """
        model: { kind: gpt, layers: 2, width: 32, heads: 2 }
        data:  { kind: text, tokenizer: byte, context: 16, batch_size: 4 }
        stop:  { steps: 10 }
        """;

    [Fact]
    public void Parse_WithTheDefaultRun_BindsEverySection()
    {
        RunConfiguration run = RunConfiguration.Default;

        Assert.IsType<GptOptions>(run.Model);
        Assert.IsType<TextDataOptions>(run.Data);
        Assert.IsType<AdamWOptions>(run.Training.Optimizer);
        Assert.IsType<WarmupStableDecaySchedule>(run.Training.Schedule);
        Assert.NotNull(run.Training.Stop?.Minutes);
    }

    [Fact]
    public void Write_OfWhatWasParsed_ParsesToTheSame()
    {
        RunConfiguration run = RunFile.Parse(Small, "run.yaml", ["optimizer.kind=rmsprop", "optimizer.centered=true", "loss={kind: sum, terms: [{name: ce, kind: cross_entropy}]}"]);
        string yaml = RunFile.Write(run);

        Assert.Equal(yaml, RunFile.Write(RunFile.Parse(yaml, "again.yaml")));
        Assert.Contains("centered: true", yaml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.layer=3", "unknown key 'model.layer'; did you mean 'layers'?")]
    [InlineData("modle.layers=3", "unknown key 'modle'; did you mean 'model'?")]
    [InlineData("model.layers=many", "'model.layers' must be a whole number, but is 'many'")]
    [InlineData("model.layers=2.5", "'model.layers' must be a whole number, but is '2.5'")]
    [InlineData("model.tied_head=maybe", "'model.tied_head' must be true or false, but is 'maybe'")]
    [InlineData("model.positions=learnt", "'model.positions' is 'learnt'; did you mean 'learned'?")]
    [InlineData("optimizer.kind=adamv", "unknown kind 'adamv' in 'optimizer'; did you mean 'adam'?")]
    [InlineData("optimizer.learning_rate=fast", "'optimizer.learning_rate' must be a finite number, but is 'fast'")]
    [InlineData("stop.steps=0", "'stop.steps' is 0; allowed: a whole number of at least 1")]
    [InlineData("stop={patience: 3}", "the run would never end")]
    [InlineData("stop.target={metric: validation/loss}", "give either below or above")]
    [InlineData("regularization.dropout=1", "'regularization.dropout' is 1; allowed: at least 0 and below 1")]
    [InlineData("data.batch_size=0", "'data.batch_size' is 0; allowed: 1 to 1048576")]
    [InlineData("data.tokenizer=' '", "'data.tokenizer' is ' '; allowed: 'byte', 'bpe'")]
    [InlineData("optimizer.beta1=1", "'optimizer.beta1' is 1; allowed: at least 0 and below 1")]
    [InlineData("loss={kind: sum, terms: []}", "'loss.terms' is empty or holds a sum; allowed: at least one loss")]
    [InlineData("loss={kind: huber, weight: 2}", "'loss' has weight 2, which scales a term of a sum; allowed: 1")]
    [InlineData("optimizer={kind: momentum, nesterov: true, dampening: 0.5}", "'optimizer': ")]
    [InlineData("seed=[1, 2]", "'seed' must be a value, but is a list")]
    [InlineData("stop=5", "'stop' must be a section of keys, but is '5'")]
    [InlineData("model.width=", "'model.width' has no value")]
    public void Parse_WithAMistake_NamesItAndTheRemedy(string assignment, string expected)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RunFile.Parse(Small, "run.yaml", [assignment]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("run.yaml", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("(Parameter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WithAMistakeInTheFile_NamesTheLine()
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RunFile.Parse(Small + "\noptimizer:\n  kind: adamw\n  betta1: 0.5\n", "run.yaml"));

        Assert.StartsWith("run.yaml:6: unknown key 'optimizer.betta1'; did you mean 'beta1'?", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model: [", "not valid YAML")]
    [InlineData("- 1", "a run file is made of sections")]
    [InlineData("data: { kind: text }", "there is no 'model' section")]
    public void Parse_OfWhatIsNoRunFile_SaysSo(string yaml, string expected)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RunFile.Parse(yaml, "run.yaml"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OfAMissingFile_SaysSo()
        => Assert.Contains("cannot be read", Assert.Throws<BadInputException>(() => RunFile.Load("no/such.yaml")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("no_value", "--set no_value: expected key=value")]
    [InlineData("=1", "--set =1: expected key=value")]
    [InlineData("model.layers.deep=1", "'model.layers'")]
    public void Parse_WithAMalformedOverride_NamesIt(string assignment, string expected)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => RunFile.Parse(Small, "run.yaml", [assignment]));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_WithAnotherKind_ForgetsTheKeysOfTheOld()
    {
        RunConfiguration run = RunFile.Parse(
            Small + "\noptimizer: { kind: adamw, beta2: 0.9 }", "run.yaml", ["optimizer.kind=sgd", "optimizer.learning_rate=0.1"]);

        Assert.Equal(0.1, Assert.IsType<SgdOptions>(run.Training.Optimizer).LearningRate);
    }

    [Fact]
    public void Parse_WithANameInsteadOfASection_TakesTheKindWithItsDefaults()
    {
        RunConfiguration run = RunFile.Parse(Small + "\noptimizer: adagrad\nschedule: cosine", "run.yaml");

        Assert.Equal(new AdagradOptions(), run.Training.Optimizer);
        Assert.Equal(new CosineSchedule(), run.Training.Schedule);
    }

    [Fact]
    public void Parse_WithoutAStop_IsOneEpoch()
        => Assert.Equal(1, RunFile.Parse(Small.Replace("stop:  { steps: 10 }", ""), "run.yaml").Training.Stop!.Epochs);
}
