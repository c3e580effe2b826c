namespace Descent.Torch;

/// <summary>A layer with running means of what it sees in training, such as BatchNorm. TorchSharp's own layers need not be this.</summary>
public interface IRunningStatistics
{
    /// <summary>How far a batch in training moves them: r ← (1 − momentum)·r + momentum·(the batch's).</summary>
    double Momentum { get; set; }
}
