using Descent.Torch;
using Descent.Training.Initialization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Any TorchSharp module as a <see cref="Model"/>: a <c>Sequential</c>'s children become segments, those without parameters (activations, dropout) joined to the one
/// before; any other module is one. Parameters keep the names that the module gives them and, with <c>initialization: default</c>, the values that its constructor gave them.
/// </summary>
public sealed class ModuleModel : Model
{
    private readonly nn.Module<Tensor, Tensor> _module;
    private readonly IParameterLayout _layout;

    /// <summary>Wraps a module, which the model then owns.</summary>
    /// <param name="module">The module: a batch of inputs to logits or predictions.</param>
    public ModuleModel(nn.Module<Tensor, Tensor> module)
        : base((module ?? throw new ArgumentNullException(nameof(module))).GetName())
    {
        _module = Register("module", module);
        Segments = module is Sequential chain ? SegmentChain.Of(chain) : [module];
        _layout = ParameterLayout.Of(module);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<nn.Module<Tensor, Tensor>> Segments { get; }

    /// <summary>The module's own forward.</summary>
    /// <param name="input">A batch.</param>
    /// <returns>Logits or predictions.</returns>
    public override Tensor forward(Tensor input) => _module is Sequential ? base.forward(input) : _module.call(input);

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) => _module.named_parameters(recurse);

    /// <inheritdoc/>
    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true) =>
        _module.named_buffers(recurse, include_nonpersistent);

    /// <inheritdoc/>
    public override Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null) =>
        _module.state_dict(destination, prefix);

    /// <inheritdoc/>
    protected internal override InitializationOptions DefaultInitialization => new();

    /// <inheritdoc/>
    protected internal override long[] StackedRows(string name, long rows) => _layout.StackedRows(name, rows);

    /// <inheritdoc/>
    protected internal override long HeadRows(string name) => _layout.HeadRows(name);

    /// <summary>What the module itself says, or what <see cref="ParameterLayout"/> reads off its parts.</summary>
    /// <param name="name">The parameter's name.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>Its role.</returns>
    protected override ParameterRole ClassifyParameter(string name, Parameter parameter) => _layout.RoleOf(name);
}
