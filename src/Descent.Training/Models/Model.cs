using Descent.Torch;
using Descent.Training.Initialization;
using Descent.Training.Memory;
using Descent.Training.Parametrization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Training.Models;

/// <summary>
/// A trainable model: a chain of segments. <c>forward</c> is their composition and gives logits (classification, language models) or
/// predictions (regression).
/// </summary>
/// <remarks>
/// Everything random in a model draws from libtorch's default generator of the device, so that a trainer that calls
/// <c>torch.manual_seed</c> before each micro-step can resume exactly. Run the backward pass with <see cref="BackwardPass"/>.
/// </remarks>
public abstract class Model : Layer, IParameterLayout
{
    private Dictionary<string, ParameterRole>? _roles;

    /// <summary>Creates an empty model.</summary>
    /// <param name="name">The module's name, for messages.</param>
    protected Model(string name)
        : base(name)
    {
    }

    /// <summary>The chain: embedding, blocks, head. Training runs, recomputes and frees them one by one.</summary>
    public abstract IReadOnlyList<nn.Module<Tensor, Tensor>> Segments { get; }

    /// <summary>
    /// The last segment where it is a linear map without bias from features to logits, so that <see cref="Losses.LinearCrossEntropy"/> can
    /// fuse it with the loss; null otherwise.
    /// </summary>
    public virtual LinearHead? Head => null;

    /// <summary>The composition of <see cref="Segments"/>; each segment's temporaries are freed when it returns.</summary>
    /// <param name="input">A batch: the sample's shape with the batch in front.</param>
    /// <returns>Logits or predictions.</returns>
    public override Tensor forward(Tensor input) => Run(input, Segments.Count);

    /// <summary>The composition of all segments but the last: what the last one takes.</summary>
    /// <param name="input">A batch.</param>
    /// <returns>The last segment's input.</returns>
    public Tensor Body(Tensor input) => Run(input, Segments.Count - 1);

    /// <summary>What a parameter does: by the kind of its module, or its number of dimensions.</summary>
    /// <param name="parameterName">A name as <c>named_parameters()</c> gives it.</param>
    /// <returns>The role.</returns>
    /// <exception cref="ArgumentException">The model has no such parameter.</exception>
    public ParameterRole RoleOf(string parameterName)
    {
        _roles ??= named_parameters().ToDictionary(entry => entry.name, entry => ClassifyParameter(entry.name, entry.parameter));
        return _roles.TryGetValue(parameterName, out ParameterRole role)
            ? role
            : throw new ArgumentException($"{GetName()} has no parameter '{parameterName}'.", nameof(parameterName));
    }

    /// <summary>Decides a parameter's role. The base judges by name and dimensions: 1-D is a bias or a norm, the rest are matrices.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <param name="parameter">The parameter.</param>
    /// <returns>Its role.</returns>
    protected virtual ParameterRole ClassifyParameter(string name, Parameter parameter)
    {
        if (parameter.dim() < 2)
        {
            return name.EndsWith("bias", StringComparison.Ordinal) ? ParameterRole.Bias : ParameterRole.Norm;
        }

        return ParameterRole.HiddenMatrix;
    }

    /// <summary>How many times as wide the model is as its base model, whose settings it takes over by muP; null in standard parametrization.</summary>
    public virtual double? WidthRatio => null;

    /// <summary>What the model multiplies activations by besides its weights, as files of its weights name it; null: nothing.</summary>
    internal virtual string? Multipliers => null;

    /// <summary>Which dimensions of a parameter grow with the model's width. The base goes by its role.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <returns>The kind.</returns>
    protected internal virtual WidthKind WidthKindOf(string name) => RoleOf(name) switch
    {
        ParameterRole.HiddenMatrix => WidthKind.Hidden,
        ParameterRole.Head => WidthKind.Output,
        _ => WidthKind.Input,
    };

    /// <summary>How the model wants its parameters to start when <c>initialization</c> says <c>default</c>.</summary>
    protected internal virtual InitializationOptions DefaultInitialization => new() { Kind = InitializationKind.KaimingNormal };

    /// <summary>Number of layers that write into the residual stream; 0 where there is none.</summary>
    protected internal virtual int ResidualLayers => 0;

    /// <summary>Whether a parameter is the last weight of a branch that is added to the residual stream.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <returns>True for weights that start smaller, or at zero, in deep models.</returns>
    protected internal virtual bool WritesResidual(string name) => false;

    /// <summary>Row counts of matrices that are stacked into one parameter (query, key, value): each has its own fans.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <param name="rows">Rows of the parameter.</param>
    /// <returns>Counts that add up to <paramref name="rows"/>.</returns>
    protected internal virtual long[] StackedRows(string name, long rows) => [rows];

    /// <summary>Rows of one attention head in a parameter's query and key parts: rules that keep a number a head ask for it.</summary>
    /// <param name="name">The parameter's full name.</param>
    /// <returns>The rows; 0 where there are no heads.</returns>
    protected internal virtual long HeadRows(string name) => 0;

    long[] IParameterLayout.StackedRows(string parameterName, long rows) => StackedRows(parameterName, rows);

    long IParameterLayout.HeadRows(string parameterName) => HeadRows(parameterName);

    /// <summary>The scratch file that its parameters lie in; null for memory. The model's to dispose.</summary>
    internal MappedArena? Arena
    {
        get;
        set
        {
            field = value;
            Storage = value is null ? null : new SegmentStorage(this);
        }
    }

    /// <summary>Parameters in a scratch file; null where they are in memory.</summary>
    private protected SegmentStorage? Storage { get; private set; }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            Arena?.Dispose();
        }
    }

    private Tensor Run(Tensor input, int segments)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input;
        for (int i = 0; i < segments; i++)
        {
            Storage?.PrefetchParameters(i + 1);
            Tensor y = Segments[i].call(x);
            Storage?.ReleaseParameters(i);
            if (!ReferenceEquals(x, input) && !ReferenceEquals(x, y))
            {
                x.Dispose();
            }

            x = y;
        }

        return (ReferenceEquals(x, input) ? input.alias() : x).MoveToOuterDisposeScope();
    }
}
