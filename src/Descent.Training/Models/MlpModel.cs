using Descent.Torch;
using Descent.Training.Parametrization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// Fully connected layers: float inputs [batch, …] are flattened, outputs are [batch, outputs]. Parameter names:
/// <c>layers.N.{linear, norm}.{weight, bias}</c>, <c>head.{weight, bias}</c>.
/// </summary>
public sealed class MlpModel : Model
{
    private readonly MlpOptions _options;

    internal MlpModel(MlpOptions options, int inputs, int outputs)
        : base(nameof(MlpModel))
    {
        _options = options;
        var layers = new List<nn.Module<Tensor, Tensor>>();
        int width = inputs;
        foreach (int next in options.Widths)
        {
            layers.Add(new HiddenLayer(options, width, next));
            width = next;
        }

        Register("layers", nn.ModuleList(layers.ToArray()));
        Segments = [.. layers, Register("head", new Linear(width, outputs, bias: true, flatten: layers.Count == 0, multiplier: 1 / (options.WidthRatio ?? 1)))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<nn.Module<Tensor, Tensor>> Segments { get; }

    /// <inheritdoc/>
    public override double? WidthRatio => _options.WidthRatio;

    internal override string? Multipliers => WidthRatio is { } ratio and not 1 ? FormattableString.Invariant($"outputs {1 / ratio:R}") : null;

    /// <inheritdoc/>
    protected internal override WidthKind WidthKindOf(string name) => name switch
    {
        "layers.0.linear.weight" => WidthKind.Input,
        "head.bias" => WidthKind.Fixed,
        _ => base.WidthKindOf(name),
    };

    /// <inheritdoc/>
    protected override ParameterRole ClassifyParameter(string name, Parameter parameter) =>
        name == "head.weight" ? ParameterRole.Head : base.ClassifyParameter(name, parameter);

    private sealed class HiddenLayer : Layer, IDropoutLayer
    {
        private readonly MlpOptions _options;
        private readonly Linear _linear;
        private readonly BatchNorm? _norm;

        public HiddenLayer(MlpOptions options, int inputs, int outputs)
            : base(nameof(HiddenLayer))
        {
            _options = options;
            Dropout = options.Dropout;

            // The normalisation removes the mean, so a bias before it would do nothing.
            _linear = Register("linear", new Linear(inputs, outputs, bias: !options.BatchNorm, flatten: true));
            _norm = options.BatchNorm ? Register("norm", new BatchNorm(outputs)) : null;
        }

        public double Dropout { get; set; }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = _linear.call(input);
            x = _options.Activation.Apply(_norm?.call(x) ?? x);
            if (Dropout > 0 && training)
            {
                x = nn.functional.dropout(x, Dropout, training: true);
            }

            return x.MoveToOuterDisposeScope();
        }
    }
}
