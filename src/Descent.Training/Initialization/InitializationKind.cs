namespace Descent.Training.Initialization;

/// <summary>The distribution that weights start from. Norm weights start at 1 and biases at 0 whatever the kind.</summary>
public enum InitializationKind
{
    /// <summary>The model's own: <see cref="Gpt2"/> for gpt, <see cref="KaimingNormal"/> for mlp and cnn, what its constructor did for a module from code.</summary>
    Default,

    /// <summary>Normal(0, <see cref="InitializationOptions.Deviation"/>).</summary>
    Normal,

    /// <summary>Uniform(−<see cref="InitializationOptions.Bound"/>, <see cref="InitializationOptions.Bound"/>).</summary>
    Uniform,

    /// <summary>Normal with deviation gain·√(2/(fan_in + fan_out)) (Glorot and Bengio 2010, equation 16).</summary>
    XavierNormal,

    /// <summary>Uniform within ±gain·√(6/(fan_in + fan_out)) (Glorot and Bengio 2010, equation 16).</summary>
    XavierUniform,

    /// <summary>Normal with deviation gain/√fan_in (He et al. 2015, arXiv 1502.01852, equation 10).</summary>
    KaimingNormal,

    /// <summary>Uniform within ±gain·√(3/fan_in) (He et al. 2015, arXiv 1502.01852).</summary>
    KaimingUniform,

    /// <summary>gain times a random matrix with orthonormal rows or columns (Saxe et al. 2013, arXiv 1312.6120).</summary>
    Orthogonal,

    /// <summary>Normal(0, <see cref="InitializationOptions.Deviation"/>), redrawn beyond two deviations.</summary>
    TruncatedNormal,

    /// <summary>
    /// Normal(0, <see cref="InitializationOptions.Deviation"/>), and 1/√(layers that write into the residual stream) of it for those layers'
    /// last weights (Radford et al. 2019, section 2.3).
    /// </summary>
    Gpt2,

    /// <summary>As <see cref="Default"/>, but the last weights of residual branches start at zero: every block begins as the identity (Zhang et al. 2019, arXiv 1901.09321).</summary>
    ZeroResidual,
}
