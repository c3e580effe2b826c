namespace Descent.Cli.Bench;

/// <summary>One way to train GPT-2 small, measured in a process of its own so that its peak memory is its own.</summary>
internal enum TrainVariant
{
    /// <summary>The plain TorchSharp loop.</summary>
    Plain,

    /// <summary>Descent's trainer, <c>memory.prefer: speed</c>.</summary>
    Speed,

    /// <summary>Descent's trainer, <c>memory.prefer: memory</c>.</summary>
    Memory,

    /// <summary><c>memory.update: in_backward</c> and states of <c>int8</c>, <c>memory.prefer: speed</c>.</summary>
    Small,

    /// <summary>The same with every segment computed again, parameters of <c>bfloat16</c> and <c>memory.prefer: memory</c>.</summary>
    Least,
}
