namespace Descent.Training.Configuration;

/// <summary>The run that <c>descent train</c> does without a run file. Written as a run file, since that is what it teaches.</summary>
internal static class DefaultRun
{
    public const string Yaml =
        """
        # A small GPT learns the English of the .NET SDK's own XML documentation.
        model:          { kind: gpt, layers: 4, width: 256, heads: 4, context: 64 }
        data:           { kind: text, tokenizer: bpe, vocabulary: 2048, context: 64, batch_size: 16 }
        initialization: { kind: gpt2 }
        optimizer:      { kind: adamw, learning_rate: 2e-3, weight_decay: 0.1, beta2: 0.98 }
        schedule:       { kind: warmup_stable_decay, warmup_steps: 50, decay_fraction: 0.3 }
        gradients:      { clip_norm: 1.0 }
        stop:           { minutes: 3 }
        validation:     { every_steps: 100, batches: 20, metric: validation/nats_per_byte }
        sample:         { prompt: "Returns ", tokens: 120 }
        """;
}
