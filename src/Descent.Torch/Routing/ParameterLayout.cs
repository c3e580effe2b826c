using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>Finds out what the parameters of a module are.</summary>
public static class ParameterLayout
{
    /// <summary>The module's own layout where it has one; for any other, roles are read off the types of its parts.</summary>
    /// <param name="module">The module.</param>
    /// <remarks>
    /// Tables of <c>Embedding</c> and <c>EmbeddingBag</c> are embeddings; the weight of the last <c>Linear</c> to be registered is the head; what belongs to a module whose
    /// type has "Norm" in its name is a norm or a bias; what has fewer than two dimensions is a bias by its name, otherwise a norm; the rest are hidden
    /// matrices. A part that is an <see cref="IParameterLayout"/> answers for itself.
    /// </remarks>
    public static IParameterLayout Of(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        return module as IParameterLayout ?? new ModuleLayout(module);
    }
}
