namespace Descent.Training.Models;

/// <summary>A part of a model that drops activations in training, with a probability that a schedule may turn.</summary>
public interface IDropoutLayer
{
    /// <summary>The probability of zeroing an activation, from 0 to below 1.</summary>
    double Dropout { get; set; }
}
