using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Base of this library's layers: parameters and children are registered by name, never found by reflection (a forgotten
/// <c>RegisterComponents()</c> silently trains nothing, and a tied weight held in a field would be listed twice).
/// </summary>
/// <remarks>Parameters start at zero, norm weights at one: an <see cref="Initialization.InitializationOptions"/> gives them their values.</remarks>
public abstract class Layer : nn.Module<Tensor, Tensor>
{
    /// <summary>Creates an empty layer.</summary>
    /// <param name="name">The module's name, for messages.</param>
    protected Layer(string name)
        : base(name)
    {
    }

    /// <summary>Does nothing: what a layer owns was registered when it was created.</summary>
    protected sealed override void RegisterComponents()
    {
    }

    /// <summary>Registers and returns a child.</summary>
    /// <typeparam name="T">The child's type.</typeparam>
    /// <param name="name">Its name in parameter names.</param>
    /// <param name="child">The child.</param>
    /// <returns><paramref name="child"/>.</returns>
    protected T Register<T>(string name, T child)
        where T : nn.Module
    {
        register_module(name, child);
        return child;
    }

    /// <summary>Registers a parameter of zeros (or ones) that no dispose scope owns.</summary>
    /// <param name="name">Its name within the layer.</param>
    /// <param name="shape">Its shape.</param>
    /// <param name="ones">Fill with ones instead of zeros.</param>
    protected void RegisterParameter(string name, long[] shape, bool ones = false)
    {
        var parameter = new Parameter(StoredWeight.New(shape, ones));
        register_parameter(name, parameter);
        parameter.DetachFromDisposeScope();
    }

    /// <summary>The parameter of that name as it is now: moving a module to another device replaces its parameters.</summary>
    /// <param name="name">Its name within the layer.</param>
    /// <returns>The parameter.</returns>
    protected Parameter Parameter(string name) =>
        get_parameter(name) ?? throw new InvalidOperationException($"Layer {GetName()} has no parameter '{name}'.");
}
