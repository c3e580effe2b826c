using Descent.Optimizers;
using TorchSharp.Modules;
using static TorchSharp.torch;
using RuleOptions = Descent.Optimizers.OptimizerOptions;

namespace Descent.Torch;

/// <summary>Runs rules for matrices: parameters are taken apart into matrices, and those of equal shape go through libtorch's products together.</summary>
internal sealed class MatrixRunner(ParamGroup group, GroupRule rule, ParameterState[] parameters) : GroupRunner(group, rule, parameters)
{
    private readonly TensorProvider _provider = new();
    private readonly Dictionary<(long Rows, long Columns, int Count), MatrixBatch> _batches = [];
    private readonly Dictionary<ParameterState, IReadOnlyList<StateTensor>> _declared = [];
    private readonly List<(Tensor Original, Tensor Copy)> _copies = [];
    private RuleOptions? _options;

    public override IReadOnlyList<StateTensor> StatesOf(ParameterState parameter)
    {
        Adopt(Options);
        if (!_declared.TryGetValue(parameter, out IReadOnlyList<StateTensor>? states))
        {
            _declared.Add(parameter, states = ((MatrixOptions)Options).StatesOf(parameter.StackedRows));
        }

        return states;
    }

    protected override void Step(RuleOptions options, in StepScalars scalars, IParallelRunner threads)
    {
        Adopt(options);
        var matrix = (MatrixOptions)options;
        _provider.Threads = threads;
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        List<MatrixView> views = [];
        foreach (ParameterState parameter in Parameters)
        {
            if (parameter.Held || parameter.Parameter.grad is not { } gradient)
            {
                continue;
            }

            parameter.Declare(StatesOf(parameter));
            parameter.Step++;
            parameter.Path = UpdatePath.Operators;
            if (parameter.Parameter.numel() > 0)
            {
                Add(views, parameter, gradient, matrix);
            }
        }

        foreach (IGrouping<(long Rows, long Columns, ScalarType, string, long Step), MatrixView> shape in views.GroupBy(static view => view.Key))
        {
            int limit = Batch(matrix, shape.Key.Rows, shape.Key.Columns, 0).Limit(shape.Key.Rows, shape.Key.Columns, shape.First().Parameter.device_type);
            foreach (MatrixView[] chunk in shape.Chunk(limit))
            {
                using var products = NewDisposeScope();
                Batch(matrix, shape.Key.Rows, shape.Key.Columns, chunk.Length).Step(_provider, chunk, scalars with { Step = shape.Key.Step });
            }
        }

        foreach ((Tensor original, Tensor copy) in _copies)
        {
            original.copy_(copy.view(original.shape));
        }

        _copies.Clear();
        _provider.ForgetUnused();
    }

    private void Adopt(RuleOptions options)
    {
        if (!ReferenceEquals(options, _options))
        {
            _options = options;
            _batches.Clear();
            _declared.Clear();
        }
    }

    private MatrixBatch Batch(MatrixOptions options, long rows, long columns, int count)
    {
        if (!_batches.TryGetValue((rows, columns, count), out MatrixBatch? batch))
        {
            _batches.Add((rows, columns, count), batch = new MatrixBatch(options));
        }

        return batch;
    }

    private void Add(List<MatrixView> views, ParameterState owner, Tensor gradient, MatrixOptions options)
    {
        Tensor parameter = owner.Parameter.detach();
        ScalarType compute = parameter.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : parameter.dtype;
        (long rows, long columns) = MatrixOptions.Flatten(owner.Parameter.shape);
        Tensor p = Working(parameter, compute).view(rows, columns);
        Tensor dense = gradient.is_sparse ? gradient.to_dense() : gradient.detach();
        Tensor g = dense.to(compute, parameter.device).contiguous().view(rows, columns);
        long[] parts = owner.StackedRows ?? [rows];
        long first = 0;
        for (int part = 0; part < parts.Length; part++)
        {
            List<Tensor> front = [];
            List<Tensor?> states = [];
            int index = 0;
            foreach (MatrixState state in options.States)
            {
                Tensor? own;
                if (state.Shape is null)
                {
                    own = Working(owner[index], compute).view(rows, columns).narrow(0, first, parts[part]);
                    index++;
                }
                else
                {
                    Tensor stored = owner[index + part];
                    own = stored.numel() == 0 ? null : Working(stored, compute);
                    index += parts.Length;
                }

                if (state.InFront)
                {
                    front.Add(own!);
                }
                else
                {
                    states.Add(own);
                }
            }

            string name = parts.Length == 1 ? owner.Name : $"{owner.Name}.{part}";
            views.Add(new MatrixView(owner, part, name, p.narrow(0, first, parts[part]), g.narrow(0, first, parts[part]), [.. front], [.. states]));
            first += parts[part];
        }
    }

    /// <summary>The tensor itself where products can be taken from it and written to it, else a copy that is written back after the step.</summary>
    private Tensor Working(Tensor tensor, ScalarType compute)
    {
        if (tensor.dtype == compute && tensor.is_contiguous())
        {
            return tensor.alias();
        }

        (Tensor original, Tensor? known) = _copies.Find(entry => ReferenceEquals(entry.Original, tensor));
        if (known is not null)
        {
            return known;
        }

        Tensor copy = tensor.to(compute, copy: true).contiguous();
        _copies.Add((tensor, copy));
        return copy;
    }
}
