using Descent.Training.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Descent.Training.Tests.Models;

public sealed class TextGeneratorTests
{
    [Theory]
    [InlineData("gpt")]
    [InlineData("gpt2")]
    [InlineData("llama")]
    public void Generate_Greedily_EqualsTheArgmaxOfTheWholePass(string kind)
    {
        GptOptions options = kind switch { "gpt" => TestModels.TinyGpt, "gpt2" => TestModels.TinyGpt2, _ => TestModels.TinyLlama };
        using var model = (GptModel)TestModels.Initialized(options, TestModels.Text());
        int[] prompt = [3, 1, 4];
        int[] generated = [.. new TextGenerator(model).Generate(prompt, new GenerationOptions { Temperature = 0, MaximumTokens = 9 })];

        using DisposeScope scope = NewDisposeScope();
        long[] all = [.. prompt.Concat(generated).Select(token => (long)token)];
        long[] next = model.call(tensor(all).unsqueeze(0)).argmax(-1).data<long>().ToArray();
        Assert.Equal(all[3..], next[2..^1]);
        Assert.True(model.training);
    }

    [Fact]
    public void Generate_BeyondTheContext_GoesOnFromItsLastHalf()
    {
        using var model = (GptModel)TestModels.Initialized(TestModels.TinyGpt, TestModels.Text(context: 8));
        int[] generated = [.. new TextGenerator(model).Generate([1, 2, 3], new GenerationOptions { Temperature = 0, MaximumTokens = 20 })];
        Assert.Equal(20, generated.Length);
        int[] again = [.. new TextGenerator(model).Generate([9, 9, 9, 9, 9, 9, 1, 2, 3], new GenerationOptions { Temperature = 0, MaximumTokens = 2 })];
        Assert.Equal(2, again.Length);
    }

    [Fact]
    public void Generate_WithASeed_RepeatsItself()
    {
        using var model = (GptModel)TestModels.Initialized(TestModels.TinyGpt, TestModels.Text(context: 64), deviation: 0.02);
        int[] Run(long seed) => [.. new TextGenerator(model).Generate([1], new GenerationOptions { Seed = seed, MaximumTokens = 30 })];
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));
    }

    [Fact]
    public void Sampler_FollowsTheSoftmaxOfTheLikeliest()
    {
        var sampler = new TokenSampler(new GenerationOptions { Temperature = 0.5, TopK = 2, Seed = 3 });
        float[] logits = [0f, 1f, -5f, 0.5f];
        int[] counts = new int[4];
        for (int i = 0; i < 20_000; i++)
        {
            counts[sampler.Next(logits)]++;
        }

        // Tokens 1 and 3 at temperature ½: e²/(e² + e¹) = 0.731; four standard deviations are 0.0126.
        Assert.Equal(0, counts[0] + counts[2]);
        Assert.Equal(0.7311, counts[1] / 20_000.0, 0.0126);
    }

    [Fact]
    public void Generate_FromABadPrompt_IsAClearError()
    {
        using var model = (GptModel)TestModels.TinyGpt.Build(TestModels.Text());
        var generator = new TextGenerator(model);
        Assert.Contains("empty", Assert.Throws<BadInputException>(() => generator.Generate([], new())).Message);
        Assert.Contains("token 17", Assert.Throws<BadInputException>(() => generator.Generate([1, 17], new())).Message);
    }
}
