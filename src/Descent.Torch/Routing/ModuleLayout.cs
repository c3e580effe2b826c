using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>The layout of a module that has none of its own; see <see cref="ParameterLayout.Of"/> for the rules.</summary>
internal sealed class ModuleLayout : IParameterLayout
{
    private readonly Dictionary<string, ParameterRole> _roles = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (IParameterLayout Layout, string Name)> _ownWord = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stacked = new(StringComparer.Ordinal);
    private readonly HashSet<nint> _tables = [];

    public ModuleLayout(nn.Module module)
    {
        string? head = null;
        foreach ((string path, nn.Module part) in module.named_modules().Prepend(("", module)))
        {
            string prefix = path.Length == 0 ? "" : path + ".";
            if (part is IParameterLayout layout)
            {
                foreach ((string name, Parameter _) in part.named_parameters())
                {
                    _ownWord.TryAdd(prefix + name, (layout, name));
                }
            }

            foreach ((string name, Parameter parameter) in part.named_parameters(recurse: false))
            {
                _roles[prefix + name] = Classify(part, name, parameter);
            }

            if (part is Linear)
            {
                head = prefix + "weight";
            }
        }

        foreach ((string name, Parameter parameter) in module.named_parameters())
        {
            if (!_roles.TryGetValue(name, out ParameterRole role))
            {
                role = ByDimensions(name, parameter);
            }

            // A table that is also the head is an embedding.
            _roles[name] = _tables.Contains(ParameterIdentity.Of(parameter)) ? ParameterRole.Embedding
                : name == head ? ParameterRole.Head
                : role;
            if (name.EndsWith("in_proj_weight", StringComparison.Ordinal))
            {
                _stacked.Add(name);
            }
        }
    }

    public ParameterRole RoleOf(string parameterName) =>
        _ownWord.TryGetValue(parameterName, out (IParameterLayout Layout, string Name) own) ? own.Layout.RoleOf(own.Name)
        : _roles.TryGetValue(parameterName, out ParameterRole role) ? role
        : throw new ArgumentException($"The module has no parameter '{parameterName}'.", nameof(parameterName));

    // MultiheadAttention's in_proj_weight is query, key and value.
    public long[] StackedRows(string parameterName, long rows) =>
        _ownWord.TryGetValue(parameterName, out (IParameterLayout Layout, string Name) own) ? own.Layout.StackedRows(own.Name, rows)
        : _stacked.Contains(parameterName) && rows % 3 == 0 ? [rows / 3, rows / 3, rows / 3]
        : [rows];

    public long HeadRows(string parameterName) =>
        _ownWord.TryGetValue(parameterName, out (IParameterLayout Layout, string Name) own) ? own.Layout.HeadRows(own.Name) : 0;

    private ParameterRole Classify(nn.Module part, string name, Parameter parameter)
    {
        if (part is Embedding or EmbeddingBag)
        {
            _tables.Add(ParameterIdentity.Of(parameter));
            return ParameterRole.Embedding;
        }

        return part.GetType().Name.Contains("Norm", StringComparison.Ordinal)
            ? IsBias(name) ? ParameterRole.Bias : ParameterRole.Norm
            : ByDimensions(name, parameter);
    }

    private static ParameterRole ByDimensions(string name, Parameter parameter) =>
        parameter.dim() >= 2 ? ParameterRole.HiddenMatrix : IsBias(name) ? ParameterRole.Bias : ParameterRole.Norm;

    // Recurrent layers have bias_ih_l0 and its like.
    private static bool IsBias(string name) =>
        name[(name.LastIndexOf('.') + 1)..] is { } last
        && (last.StartsWith("bias", StringComparison.Ordinal) || last.EndsWith("bias", StringComparison.Ordinal));
}
