namespace Descent.Race;

/// <summary>Who races.</summary>
internal static class Contenders
{
    /// <summary>The yardstick: everyone's steps are counted to the loss that it ends with.</summary>
    public const string Reference = "adamw";

    private static readonly string[] AdamW = ["optimizer.kind=adamw", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"];

    public static IReadOnlyList<(Contender Contender, bool Challenger)> Of(RaceTask task) => task.Name == RaceTask.Large.Name ? Large : Small;

    private static IReadOnlyList<(Contender, bool)> Large =>
    [
        (new(Reference, 4e-3, AdamW), false),
        (Matrix("muon", 4e-3, "weight_decay=0.1"), true),
        (Matrix("soap", 4e-3, "weight_decay=0.1", "beta2=0.98", "preconditioner_beta=0.98", "precondition_every=5"), true),
        (Matrix("shampoo", 4e-3, "weight_decay=0.1", "beta2=0.98", "precondition_every=10"), true),
        (new("adamw_int8", 4e-3, [.. AdamW, "optimizer.state=int8"]) { RateOfReference = true }, false),
        (new("adamw_int4", 4e-3, [.. AdamW, "optimizer.state=int4"]) { RateOfReference = true }, false),
        (new("adamw_bfloat16", 4e-3, [.. AdamW, "optimizer.state=bfloat16"]) { RateOfReference = true }, false),
        (new("adamw_bfloat16_parameters", 4e-3, [.. AdamW, "memory.parameters=bfloat16"]) { RateOfReference = true }, false),
    ];

    private static IReadOnlyList<(Contender, bool)> Small =>
    [
        (new(Reference, 4e-3, AdamW), false),
        (new("adam", 4e-3, "optimizer.kind=adam"), false),
        (new("amsgrad", 4e-3, "optimizer.kind=amsgrad"), false),
        (new("adam_article", 4e-3, "optimizer.kind=adam_article"), false),
        (new("sgd", 0.5, "optimizer.kind=sgd"), false),
        (new("momentum", 0.1, "optimizer.kind=momentum"), false),
        (new("momentum_ema", 1, "optimizer.kind=momentum_ema"), false),
        (new("nesterov", 0.1, "optimizer.kind=nesterov"), false),
        (new("adagrad", 2e-2, "optimizer.kind=adagrad"), false),
        (new("rmsprop", 2e-3, "optimizer.kind=rmsprop"), false),
        (new("lars", 5, "optimizer.kind=lars"), false),
        (new("lamb", 1e-2, "optimizer.kind=lamb", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"), false),
        (new("adafactor", 2e-2, "optimizer.kind=adafactor"), false),
        (new("adam_mini", 4e-3, "optimizer.kind=adam_mini", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"), false),
        (new("prodigy", 1, "optimizer.kind=prodigy", "optimizer.weight_decay=0.01", "optimizer.beta2=0.98"), false),
        (new("lomo", 0.5, "optimizer.kind=lomo"), false),
        (new("adalomo", 1e-2, "optimizer.kind=adalomo"), false),
        (new("adadelta", 1, "optimizer.kind=adadelta", "optimizer.rho=0.95"), false),
        (new("asgd", 0.5, "optimizer.kind=asgd", "optimizer.averaging_start=70"), false),
        (new("rprop", 1e-4, "optimizer.kind=rprop", "optimizer.maximum_step=1e-2"), false),
        (new("adamax", 4e-3, "optimizer.kind=adamax"), false),
        (new("nadam", 4e-3, "optimizer.kind=nadam", "optimizer.beta2=0.98"), false),
        (new("nadamw", 4e-3, "optimizer.kind=nadamw", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"), false),
        (new("radam", 4e-3, "optimizer.kind=radam", "optimizer.decoupled_decay=true", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"), false),
        (new("lion", 5e-4, "optimizer.kind=lion", "optimizer.weight_decay=0.8", "optimizer.beta1=0.95", "optimizer.beta2=0.98"), false),
        (new("ademamix", 4e-3, "optimizer.kind=ademamix", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98", "optimizer.beta3=0.999",
            "optimizer.alpha_warmup_steps=100", "optimizer.beta3_warmup_steps=100"), false),
        (new("adopt", 4e-3, "optimizer.kind=adopt", "optimizer.decoupled_decay=true", "optimizer.weight_decay=0.1", "optimizer.beta2=0.99"), false),
        (new("cautious_adamw", 4e-3, "optimizer.kind=cautious_adamw", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98"), false),
        // Schedule-Free's own warm-up, and no decay of the rate: that is what it is for.
        (new("schedule_free_sgd", 0.5, "optimizer.kind=schedule_free_sgd", "schedule.decay_fraction=0"), false),
        (new("schedule_free_adamw", 8e-3, "optimizer.kind=schedule_free_adamw", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98", "schedule.decay_fraction=0"), false),
        (new("schedule_free_radam", 8e-3, "optimizer.kind=schedule_free_radam", "optimizer.weight_decay=0.1", "optimizer.beta2=0.98", "schedule.decay_fraction=0"), false),
        (new("adan", 4e-3, "optimizer.kind=adan", "optimizer.weight_decay=0.1"), false),
        (Matrix("muon", 4e-3, "weight_decay=0.1"), false),
        (Matrix("soap", 4e-3, "weight_decay=0.1", "beta2=0.98", "preconditioner_beta=0.98", "precondition_every=5"), false),
        (Matrix("shampoo", 4e-3, "weight_decay=0.1", "beta2=0.98", "precondition_every=10"), false),
        (Matrix("galore", 1e-2, "rank=32", "projection_gap=50", "scale=0.5"), false),
        (Matrix("apollo", 1e-2, "rank=32", "projection_gap=50"), false),
        (Matrix("apollo_mini", 1e-2, "projection_gap=50"), false),
    ];

    /// <summary>A rule for hidden matrices; embeddings, head, norms and biases take the yardstick's AdamW, at AdamW's rate for the same task times what the search tries.</summary>
    private static Contender Matrix(string kind, double rate, params string[] settings) =>
        new(kind, rate, [$"optimizer.kind={kind}", .. settings.Select(static setting => $"optimizer.{setting}"), "optimizer.fallback.weight_decay=0.1", "optimizer.fallback.beta2=0.98"])
        {
            Following = [("optimizer.fallback.learning_rate", 4e-3 / rate)],
        };
}
