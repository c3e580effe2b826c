namespace Descent.Race;

/// <summary>One training run.</summary>
/// <param name="Task">The task's name.</param>
/// <param name="Contender">The contender's name.</param>
/// <param name="Settings">Its run-file assignments, the learning rate among them.</param>
/// <param name="LearningRate">The learning rate that is tried.</param>
/// <param name="Seed">Decides initialisation and order of the data.</param>
/// <param name="Steps">Steps, over which the schedule is laid out.</param>
internal sealed record Job(string Task, string Contender, string[] Settings, double LearningRate, int Seed, int Steps)
{
    /// <summary>Whether this is the same run, whenever it was done.</summary>
    public bool IsSameAs(Job other) =>
        Task == other.Task && Contender == other.Contender && LearningRate == other.LearningRate && Seed == other.Seed && Steps == other.Steps
        && Settings.SequenceEqual(other.Settings);
}
