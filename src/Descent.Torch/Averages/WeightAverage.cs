using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// A mean of a model's weights over its training (<see cref="EmaOptions"/>, <see cref="SwaOptions"/>), kept beside any optimizer: brought forward in one fused pass,
/// and swapped in for validation.
/// </summary>
/// <remarks>
/// Means of half and bfloat16 parameters are kept in float. Not for use by several threads at once; after <c>model.to(…)</c>, which replaces parameters, make
/// another. Where the model has BatchNorm, <see cref="RunningStatistics"/> estimates its statistics for the averaged weights.
/// </remarks>
/// <example><code>
/// using var average = new WeightAverage(model.named_parameters(), new EmaOptions { Decay = 0.999 });
/// optimizer.step();
/// average.Update();
/// using (average.Swap()) { Validate(model); }
/// </code></example>
public sealed class WeightAverage : IDisposable
{
    private readonly (string Name, Parameter Parameter)[] _parameters;
    private readonly Tensor?[] _means;
    private readonly TensorSlot[] _slots;
    private readonly UpdateKernel _singles = MeanRule.CreateKernel();
    private readonly UpdateKernel _doubles = MeanRule.CreateKernel();
    private WeightSwap? _swap;

    /// <summary>An average that holds nothing yet: the first update makes it a copy.</summary>
    /// <param name="parameters">The parameters with their names; one that occurs twice (tied weights) counts once.</param>
    /// <param name="options">How the mean is taken. When it is due is the caller's choice here: every call of <see cref="Update"/> counts.</param>
    public WeightAverage(IEnumerable<(string Name, Parameter Parameter)> parameters, AverageOptions options)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        _parameters = [.. parameters.DistinctBy(static entry => ParameterIdentity.Of(entry.Parameter))];
        (Options, _means, _slots) = (options, new Tensor?[_parameters.Length], new TensorSlot[_parameters.Length]);
    }

    /// <summary>How the mean is taken.</summary>
    public AverageOptions Options { get; }

    /// <summary>The threads of the kernel; results don't depend on them. Default: <see cref="WorkerPool.Shared"/>.</summary>
    public IParallelRunner Threads { get; set; } = WorkerPool.Shared;

    /// <summary>How many weights are in the mean.</summary>
    public long Updates { get; private set; }

    /// <summary>The live tensors of the mean, to save or to look at, not to dispose; none before the first update.</summary>
    public IEnumerable<(string Name, Tensor Value)> Tensors => _parameters.Select((entry, index) => (entry.Name, _means[index]!)).Where(static entry => entry.Item2 is not null);

    /// <summary>The mean of one parameter, or null before the first update. While the average is swapped in, it can hold the weights that come back.</summary>
    /// <param name="parameter">Its name.</param>
    public Tensor? Mean(string parameter) => Array.FindIndex(_parameters, entry => entry.Name == parameter) is var index and >= 0 ? _means[index] : null;

    /// <summary>Takes the parameters as they are now into the mean.</summary>
    /// <exception cref="InvalidOperationException">The average is swapped in.</exception>
    public void Update()
    {
        RequireOut();
        using IDisposable noGrad = no_grad();
        if (Updates == 0)
        {
            for (int i = 0; i < _means.Length; i++)
            {
                _means[i] ??= NewMean(_parameters[i].Parameter);
                _means[i]!.copy_(_parameters[i].Parameter);
            }
        }
        else
        {
            double gain = Options.Gain(Updates);
            UpdateFlat(_singles, ElementType.Float32, TensorExports.Float32, gain);
            UpdateFlat(_doubles, ElementType.Float64, TensorExports.Float64, gain);
            UpdateOthers(gain);
        }

        Updates++;
        GC.KeepAlive(this);
    }

    /// <summary>Puts the mean in the parameters' place until the result is disposed; then they are what they were, bit for bit. Before the first update it changes nothing.</summary>
    /// <exception cref="InvalidOperationException">It is swapped in already.</exception>
    public WeightSwap Swap()
    {
        RequireOut();
        using IDisposable noGrad = no_grad();
        return _swap = new WeightSwap(Updates == 0 ? [] : _parameters.Select((entry, index) => WeightSwap.Exchange(entry.Name, entry.Parameter, _means[index]!)), () => _swap = null);
    }

    /// <summary>Takes over a saved mean.</summary>
    /// <param name="updates">How many weights were in it.</param>
    /// <param name="values">The tensor by its parameter's name; it is copied.</param>
    /// <exception cref="ArgumentException">A tensor has another shape than its parameter.</exception>
    public void Restore(long updates, Func<string, Tensor> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(updates);
        ArgumentNullException.ThrowIfNull(values);
        RequireOut();
        using IDisposable noGrad = no_grad();
        for (int i = 0; i < _means.Length && updates > 0; i++)
        {
            (string name, Parameter parameter) = _parameters[i];
            using Tensor value = values(name);
            if (!value.shape.SequenceEqual(parameter.shape))
            {
                throw new ArgumentException($"The average of '{name}' has shape [{string.Join(", ", value.shape)}], the parameter [{string.Join(", ", parameter.shape)}].", nameof(values));
            }

            _means[i] ??= NewMean(parameter);
            _means[i]!.copy_(value);
        }

        Updates = updates;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor? mean in _means)
        {
            mean?.Dispose();
        }
    }

    // A mean of narrow numbers would stand still: what an update adds is less than half of their last digit.
    private static Tensor NewMean(Parameter parameter) =>
        empty(parameter.shape, parameter.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : parameter.dtype, parameter.device).DetachFromDisposeScope();

    private unsafe void UpdateFlat(UpdateKernel kernel, ElementType type, sbyte number, double gain)
    {
        int count = 0;
        for (int i = 0; i < _means.Length; i++)
        {
            if (TryRead(i, out FlatTensor mean, out FlatTensor parameter) && mean.Type == number)
            {
                _slots[count++] = new TensorSlot { Parameter = mean.Data, Gradient = parameter.Data, Length = mean.Length };
            }
        }

        kernel.Update(_slots.AsSpan(0, count), type, new StepScalars { LearningRate = gain }, Threads);
    }

    private void UpdateOthers(double gain)
    {
        using Scalar weight = gain.ToScalar();
        for (int i = 0; i < _means.Length; i++)
        {
            if (!TryRead(i, out _, out _))
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor mean = _means[i]!;
                mean.add_(_parameters[i].Parameter.to(mean.dtype).sub(mean), weight);
            }
        }
    }

    private bool TryRead(int index, out FlatTensor mean, out FlatTensor parameter)
    {
        parameter = default;
        return TensorExports.TryRead(_means[index]!.Handle, out mean)
            && TensorExports.TryRead(_parameters[index].Parameter.Handle, out parameter)
            && mean.Type == parameter.Type
            && mean.Type is TensorExports.Float32 or TensorExports.Float64;
    }

    private void RequireOut()
    {
        if (_swap is not null)
        {
            throw new InvalidOperationException("The average is swapped in; dispose what Swap() gave before going on.");
        }
    }
}
