namespace Descent.Training.Parametrization;

/// <summary>How initial values, learning rates and multipliers of a model follow from its width.</summary>
public enum ParametrizationKind
{
    /// <summary>As usual: one learning rate for all, logits and attention as the layers give them. The best rate falls as the model gets wider.</summary>
    Standard,

    /// <summary>
    /// The maximal update parametrization (muP): at every width, each step moves the activations of every layer by the same amount, so that settings tuned on a narrow
    /// model serve a wide one (Yang et al. 2022, "Tensor Programs V", arXiv 2203.03466, table 8).
    /// </summary>
    Mup,
}
