namespace Descent.Torch;

/// <summary>What a parameter does in its model: optimizers route, states are stored and weight decay is chosen by it.</summary>
public enum ParameterRole
{
    /// <summary>A weight with two or more dimensions inside the model: the kind that Muon and weight decay are for.</summary>
    HiddenMatrix,

    /// <summary>A table of tokens or positions. A table that is also the head (tied) is an embedding.</summary>
    Embedding,

    /// <summary>The matrix that gives the outputs.</summary>
    Head,

    /// <summary>The weight of a normalisation, or another one-dimensional scale: no weight decay.</summary>
    Norm,

    /// <summary>An additive bias, a normalisation's included: no weight decay.</summary>
    Bias,
}

/// <summary>What follows from a <see cref="ParameterRole"/>.</summary>
public static class ParameterRoles
{
    /// <summary>Several of a role, in words: "hidden matrices".</summary>
    /// <param name="role">The role.</param>
    public static string Words(this ParameterRole role) => role switch
    {
        ParameterRole.HiddenMatrix => "hidden matrices",
        ParameterRole.Embedding => "embeddings",
        ParameterRole.Head => "head",
        ParameterRole.Norm => "norms",
        _ => "biases",
    };

    /// <summary>Whether weight decay applies: on matrices and embeddings, never on norms and biases.</summary>
    /// <param name="role">The parameter's role.</param>
    /// <returns>True for <see cref="ParameterRole.HiddenMatrix"/>, <see cref="ParameterRole.Embedding"/> and <see cref="ParameterRole.Head"/>.</returns>
    public static bool Decays(this ParameterRole role) => role is not (ParameterRole.Norm or ParameterRole.Bias);

    /// <summary>
    /// Whether a rule for matrices (<see cref="Optimizers.OptimizerOptions.MatricesOnly"/>) takes a parameter; the others take its companion.
    /// </summary>
    /// <param name="role">The parameter's role; null where nobody said, and its shape decides.</param>
    /// <param name="dimensions">How many dimensions it has.</param>
    /// <returns>True for a hidden weight with two or more dimensions.</returns>
    public static bool TakesMatrixRule(ParameterRole? role, long dimensions) => dimensions >= 2 && (role is null or ParameterRole.HiddenMatrix);
}
