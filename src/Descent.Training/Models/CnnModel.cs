using Descent.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// A residual network: float images [batch, channels, height, width] to [batch, outputs]. Parameter names:
/// <c>stem.{weight, norm.weight, norm.bias}</c>, the same under <c>blocks.N.{first, second, shortcut}</c>, <c>head.{weight, bias}</c>.
/// </summary>
public sealed class CnnModel : Model
{
    private readonly int _blocks;

    internal CnnModel(CnnOptions options, int channels, int outputs)
        : base(nameof(CnnModel))
    {
        int width = options.Channels[0];
        var stem = Register("stem", new ConvolutionNorm(channels, width, kernel: 5, stride: 2, rectify: true, first: true));
        var blocks = new List<nn.Module<Tensor, Tensor>>();
        for (int stage = 0; stage < options.Channels.Count; stage++)
        {
            int next = options.Channels[stage];
            for (int i = 0; i < options.Blocks; i++)
            {
                blocks.Add(new ResidualBlock(width, next, stride: stage > 0 && i == 0 ? 2 : 1));
                width = next;
            }
        }

        _blocks = blocks.Count;
        Register("blocks", nn.ModuleList(blocks.ToArray()));
        Segments = [stem, .. blocks, Register("head", new PooledHead(width, outputs, options.Dropout))];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<nn.Module<Tensor, Tensor>> Segments { get; }

    /// <inheritdoc/>
    protected internal override int ResidualLayers => _blocks;

    /// <inheritdoc/>
    protected internal override bool WritesResidual(string name) => name.EndsWith("second.norm.weight", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override ParameterRole ClassifyParameter(string name, Parameter parameter) =>
        name == "head.weight" ? ParameterRole.Head : base.ClassifyParameter(name, parameter);

    private sealed class ConvolutionNorm : Layer
    {
        private readonly long _outputs;
        private readonly long[] _stride;
        private readonly long[] _padding;
        private readonly bool _rectify;
        private readonly BatchNorm _norm;
        private readonly long[]? _morePlanes;
        private readonly long[] _moreFilters;

        public ConvolutionNorm(int inputs, int outputs, int kernel, int stride, bool rectify, bool first = false)
            : base(nameof(ConvolutionNorm))
        {
            RegisterParameter("weight", [outputs, inputs, kernel, kernel]);
            _norm = Register("norm", new BatchNorm(outputs));
            _outputs = outputs;
            _stride = [stride, stride];
            _padding = [kernel / 2, kernel / 2];
            _rectify = rectify;
            long planes = Missing(inputs), filters = Missing(outputs);
            _moreFilters = [0, 0, 0, 0, 0, planes, 0, filters];
            _morePlanes = first || planes + filters == 0 ? null : [0, 0, 0, 0, 0, planes];
        }

        public override Tensor forward(Tensor x_BCHW)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor y_BCHW = _norm.call(Convolve(x_BCHW));

            // In place: the normalisation keeps its input, not its output.
            return (_rectify ? y_BCHW.relu_() : y_BCHW).MoveToOuterDisposeScope();
        }

        /// <summary>
        /// Planes of zeros up to a multiple of 16 where there are fewer: oneDNN, as libtorch 2.10 uses it with AVX-512, works on blocks of 16 planes and reads the rest
        /// of a block, which nobody wrote. A NaN that happens to lie there comes out as a NaN in the result or in the gradient.
        /// The first layer's kernel takes single planes, and nobody asks for its input's gradient.
        /// </summary>
        private Tensor Convolve(Tensor x) =>
            _morePlanes is null
                ? nn.functional.conv2d(x, Parameter("weight"), null, _stride, _padding)
                : nn.functional.conv2d(nn.functional.pad(x, _morePlanes), nn.functional.pad(Parameter("weight"), _moreFilters), null, _stride, _padding)
                    .narrow(1, 0, _outputs);

        private static long Missing(long planes) => (16 - (planes % 16)) % 16;
    }

    private sealed class ResidualBlock : Layer
    {
        private readonly ConvolutionNorm _first;
        private readonly ConvolutionNorm _second;
        private readonly ConvolutionNorm? _shortcut;

        public ResidualBlock(int inputs, int outputs, int stride)
            : base(nameof(ResidualBlock))
        {
            _first = Register("first", new ConvolutionNorm(inputs, outputs, kernel: 3, stride, rectify: true));
            _second = Register("second", new ConvolutionNorm(outputs, outputs, kernel: 3, stride: 1, rectify: false));
            _shortcut = inputs == outputs && stride == 1
                ? null
                : Register("shortcut", new ConvolutionNorm(inputs, outputs, kernel: 1, stride, rectify: false));
        }

        public override Tensor forward(Tensor x_BCHW)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor branch = _second.call(_first.call(x_BCHW));
            return branch.add_(_shortcut?.call(x_BCHW) ?? x_BCHW, GradientSink.One).relu_().MoveToOuterDisposeScope();
        }
    }

    private sealed class PooledHead : Layer, IDropoutLayer
    {
        public PooledHead(int inputs, int outputs, double dropout)
            : base(nameof(PooledHead))
        {
            RegisterParameter("weight", [outputs, inputs]);
            RegisterParameter("bias", [outputs]);
            Dropout = dropout;
        }

        public double Dropout { get; set; }

        public override Tensor forward(Tensor x_BCHW)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x_BC = x_BCHW.mean([2, 3]);
            if (Dropout > 0 && training)
            {
                x_BC = nn.functional.dropout(x_BC, Dropout, training: true);
            }

            return LinearFunction.Apply(x_BC, Parameter("weight"), Parameter("bias")).MoveToOuterDisposeScope();
        }
    }
}
