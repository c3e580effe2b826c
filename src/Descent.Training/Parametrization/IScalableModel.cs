using Descent.Training.Models;

namespace Descent.Training.Parametrization;

/// <summary>The description of a model whose width can change while everything else stays.</summary>
internal interface IScalableModel
{
    /// <summary>How the model's settings follow from its width.</summary>
    ParametrizationKind Parametrization { get; }

    /// <summary>The same model at another width, of the same base model.</summary>
    /// <param name="width">The width; of a list of widths, the first.</param>
    /// <exception cref="BadInputException">The model can't have this width.</exception>
    ModelOptions AtWidth(int width);

    /// <summary>The same model in another parametrization.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="baseWidth">The base model's width, where muP has none yet.</param>
    ModelOptions InParametrization(ParametrizationKind kind, int baseWidth);
}
