namespace Descent.Training.Data;

/// <summary>What a model learns from a data set; decides the types of inputs and targets in a <see cref="Batch"/>.</summary>
public enum TaskKind
{
    /// <summary>The next token at every position: int64 inputs and targets, both [samples, context].</summary>
    LanguageModel,

    /// <summary>One class a sample: float32 inputs [samples, …], int64 targets [samples].</summary>
    Classification,

    /// <summary>Numbers a sample: float32 inputs [samples, …], float32 targets [samples, outputs].</summary>
    Regression,
}
