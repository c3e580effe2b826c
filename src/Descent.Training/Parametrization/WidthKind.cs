namespace Descent.Training.Parametrization;

/// <summary>Which dimensions of a parameter grow with the width of its model: what muP scales it by (Yang et al. 2022, arXiv 2203.03466, appendix B).</summary>
public enum WidthKind
{
    /// <summary>None: the bias of the outputs.</summary>
    Fixed,

    /// <summary>The outputs: embeddings, the first layer, biases and norms.</summary>
    Input,

    /// <summary>Inputs and outputs.</summary>
    Hidden,

    /// <summary>The inputs: the layer that gives the outputs of the model.</summary>
    Output,
}
