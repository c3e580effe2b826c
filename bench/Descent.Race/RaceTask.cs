namespace Descent.Race;

/// <summary>What all contenders train on: the same model, data, batches and steps.</summary>
/// <param name="Name">Its name in the results.</param>
/// <param name="Steps">Steps of a full run.</param>
/// <param name="TuningSteps">Steps of a tuning run, the same for every contender.</param>
/// <param name="Yaml">The run, without optimizer.</param>
internal sealed record RaceTask(string Name, int Steps, int TuningSteps, string Yaml)
{
    /// <summary>Learning rates tried for every contender: the same number for all.</summary>
    public const int TuningBudget = 5;

    public static readonly int[] Seeds = [1, 2, 3];

    /// <summary>A 0.4 M-parameter GPT on bytes: small enough to race every rule.</summary>
    public static readonly RaceTask Small = new("small", 100, 100,
        """
        model:          { kind: gpt, layers: 2, width: 128, heads: 4, context: 64 }
        data:           { kind: text, tokenizer: byte, context: 64, batch_size: 8, maximum_bytes: 8000000 }
        initialization: { kind: gpt2 }
        schedule:       { kind: warmup_stable_decay, warmup_steps: 5, decay_fraction: 0.3 }
        gradients:      { clip_norm: 1.0 }
        validation:     { every_steps: 20, batches: 10 }
        """);

    /// <summary>The default run's 3.7 M-parameter GPT: for the rules that claim to need fewer steps.</summary>
    public static readonly RaceTask Large = new("large", 300, 100,
        """
        model:          { kind: gpt, layers: 4, width: 256, heads: 4, context: 64 }
        data:           { kind: text, tokenizer: bpe, vocabulary: 2048, context: 64, batch_size: 16, maximum_bytes: 20000000 }
        initialization: { kind: gpt2 }
        schedule:       { kind: warmup_stable_decay, warmup_steps: 15, decay_fraction: 0.3 }
        gradients:      { clip_norm: 1.0 }
        validation:     { every_steps: 50, batches: 20 }
        """);

    public static RaceTask Named(string name) => name == Small.Name ? Small : name == Large.Name ? Large : throw new ArgumentException($"There is no task '{name}'; known: small, large.", nameof(name));
}
