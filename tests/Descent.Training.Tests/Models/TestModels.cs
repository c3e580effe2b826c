using Descent.Training.Data;
using Descent.Training.Initialization;
using Descent.Training.Memory;
using Descent.Training.Models;

namespace Descent.Training.Tests.Models;

/// <summary>Small models and shapes that many tests share.</summary>
internal static class TestModels
{
    public static DataShape Text(int vocabulary = 17, int context = 12) => new()
    {
        Task = TaskKind.LanguageModel,
        InputShape = [context],
        Outputs = vocabulary,
        Context = context,
    };

    public static DataShape Images(int classes = 10, int size = 28, int channels = 1) => new()
    {
        Task = TaskKind.Classification,
        InputShape = [channels, size, size],
        Outputs = classes,
    };

    public static DataShape Table(int features = 6, int outputs = 3, TaskKind task = TaskKind.Classification) => new()
    {
        Task = task,
        InputShape = [features],
        Outputs = outputs,
    };

    public static GptOptions TinyGpt { get; } = new() { Layers = 2, Width = 16, Heads = 4 };

    public static GptOptions TinyGpt2 { get; } = GptOptions.Gpt2 with { Layers = 2, Width = 16, Heads = 4, Context = null };

    public static GptOptions TinyLlama { get; } = new()
    {
        Layers = 2,
        Width = 16,
        Heads = 4,
        KeyValueHeads = 2,
        Activation = FeedForwardKind.SwiGlu,
        Rotation = RotationKind.Half,
        TiedHead = false,
    };

    /// <summary>A model with weights large enough that every path shows in the output.</summary>
    public static Model Initialized(ModelOptions options, DataShape shape, double deviation = 0.2)
    {
        Model model = options.Build(shape);
        new InitializationOptions { Kind = InitializationKind.Normal, Deviation = deviation }.Apply(model, seed: 3);
        return model;
    }

    /// <summary>A tied transformer with dropout for <see cref="Training.CountingTokens"/>, initialised.</summary>
    public static Model CountingGpt(MemoryOptions memory)
    {
        Model model = new GptOptions { Layers = 2, Width = 64, Heads = 2, Dropout = 0.2 }.Build(Text(vocabulary: 32, context: 8), memory);
        new InitializationOptions().Apply(model, seed: 1);
        return model;
    }
}
