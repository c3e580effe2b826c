using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>The non-linearity of <see cref="MlpOptions"/>.</summary>
public enum ActivationKind
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x·Φ(x) in its tanh form.</summary>
    Gelu,

    /// <summary>x·sigmoid(x).</summary>
    Silu,

    /// <summary>tanh(x).</summary>
    Tanh,
}

/// <summary>Applies an <see cref="ActivationKind"/>.</summary>
internal static class Activation
{
    public static Tensor Apply(this ActivationKind kind, Tensor x) => kind switch
    {
        ActivationKind.Relu => x.relu(),
        ActivationKind.Gelu => x.gelu(GELU.Approximate.tanh),
        ActivationKind.Silu => x.silu(),
        _ => x.tanh(),
    };
}
