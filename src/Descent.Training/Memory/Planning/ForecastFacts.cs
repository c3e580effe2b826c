using Descent.Optimizers;

namespace Descent.Training.Memory;

/// <summary>What is known of a model before it is trained: enough to predict any settings.</summary>
internal sealed record ForecastFacts
{
    /// <summary>Resident before the model exists, with everything loaded and compiled.</summary>
    public required long Process { get; init; }

    /// <summary>Segments by how freed memory is treated, how matrices are stored, and the size of a micro-batch.</summary>
    public required Func<MemoryPreference, ParameterFormat, int, SegmentCost[]> Segments { get; init; }

    /// <summary>Bytes of states of each segment.</summary>
    public required Func<StateFormat, ParameterFormat, long[]> States { get; init; }

    /// <summary>The step of the optimizer.</summary>
    public required Func<MemoryPreference, StateFormat, ParameterFormat, UpdateCost> Update { get; init; }

    /// <summary>Bytes of copies of the parameters: averages, sharpness.</summary>
    public long Copies { get; init; }

    /// <summary>Elements of the largest matrix, which is widened where matrices are stored in fewer bits.</summary>
    public long LargestMatrix { get; init; }

    /// <summary>Whether other weights than those in training are measured.</summary>
    public bool Swaps { get; init; }

    /// <summary>Forward and backward passes a micro-batch: two where sharpness is minimised.</summary>
    public int Passes { get; init; } = 1;

    /// <summary>Whether forward and backward run twice for the norm.</summary>
    public bool SecondPass { get; init; }

    /// <summary>Freed blocks that wait when the step is at its highest point, where they are kept, over what lives then.</summary>
    public double Fragments { get; init; }

    /// <summary>Bytes a second that the scratch file takes and gives.</summary>
    public double DiskRate { get; init; } = double.PositiveInfinity;
}
