using System.Text;
using static TorchSharp.torch;

namespace Descent.Torch;

/// <summary>
/// The state of one of TorchSharp's own optimizers, as its <c>save_state_dict</c> writes it (0.107): its name, the number of groups and of states, each group's
/// settings, each parameter's state. The file doesn't say what follows what, so the layout of each optimizer stands here.
/// </summary>
internal static class TorchSharpOptimizerState
{
    /// <summary>
    /// Settings after the two learning rates, and states. A name alone is a double or a tensor; <c>?</c> marks a boolean, or a tensor with a boolean before it that says
    /// whether it follows; <c>#</c> a 64-bit integer, <c>~</c> a double among states; <c>*</c> a tensor that is saved whether the settings use it or not.
    /// </summary>
    private static readonly (string Name, string Settings, string States)[] Layouts =
    [
        ("SGD", "momentum dampening weight_decay nesterov? maximize?", "momentum_buffer?"),
        ("Adam", "beta1 beta2 eps weight_decay amsgrad? maximize?", "step# exp_avg exp_avg_sq max_exp_avg_sq?"),
        ("AdamW", "beta1 beta2 eps weight_decay amsgrad? maximize?", "step# exp_avg exp_avg_sq max_exp_avg_sq?"),
        ("RMSProp", "maximize? momentum alpha eps weight_decay centered?", "step# square_avg momentum_buffer?* grad_avg?*"),
        ("Adagrad", "lr_decay initial_accumulator_value eps weight_decay", "step# sum"),
        ("Adadelta", "rho eps weight_decay maximize?", "uncounted# square_avg acc_delta"),
        ("Adamax", "beta1 beta2 eps weight_decay", "step# exp_avg exp_inf"),
        ("NAdam", "beta1 beta2 eps weight_decay momentum_decay", "step# mu_product~ exp_avg exp_avg_sq"),
        ("RAdam", "beta1 beta2 eps weight_decay", "step# exp_avg exp_avg_sq"),
        ("Rprop", "maximize? etaminus etaplus min_step max_step", "step# prev step_size"),
        ("ASGD", "maximize? lambd alpha weight_decay t0", "step# eta~ mu~ ax"),
    ];

    private static readonly string[] Drops = [nameof(PlainOptimizer), nameof(MomentumOptimizer), nameof(BetasOptimizer), FusedOptimizer.AnyRuleName];

    /// <summary>Whether a file that begins so is one of these.</summary>
    public static bool Recognizes(byte[] start) => Layouts.Any(layout => StartsWith(start, layout.Name));

    /// <summary>Whether a fused optimizer wrote a file that begins so, through TorchSharp's own method.</summary>
    public static bool IsFused(byte[] start) => Drops.Any(name => StartsWith(start, name));

    public static SavedOptimizer Open(string path)
    {
        using var reader = new BinaryReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        var tensors = new Owner();
        try
        {
            return Read(path, reader, tensors);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            tensors.Dispose();
            throw new InvalidDataException($"{path}: cannot be read as a file of TorchSharp's save_state_dict ({exception.Message.Trim()}); take another copy", exception);
        }
    }

    private static SavedOptimizer Read(string path, BinaryReader reader, Owner tensors)
    {
        string name = reader.ReadString();
        (_, string settingNames, string stateNames) = Layouts.First(layout => layout.Name == name);
        int groups = reader.Read7BitEncodedInt(), states = reader.Read7BitEncodedInt();
        var settings = new List<Dictionary<string, object?>>();
        for (int i = 0; i < groups; i++)
        {
            settings.Add(Settings(reader, settingNames.Split(' ')));
        }

        var parameters = new List<SavedParameter>();
        for (int i = 0; i < states; i++)
        {
            parameters.Add(State(reader, i, stateNames.Split(' '), tensors));
        }

        if (reader.BaseStream.Position != reader.BaseStream.Length)
        {
            throw new InvalidDataException($"{reader.BaseStream.Length - reader.BaseStream.Position} bytes are left over");
        }

        // Which parameters belong to which of several groups isn't in the file.
        IEnumerable<int> all = groups == 1 ? Enumerable.Range(0, states) : [];
        return new SavedOptimizer(path, $"TorchSharp {name}", [.. settings.Select(group => new SavedGroup(group, [.. all]))], parameters, tensors);
    }

    private static Dictionary<string, object?> Settings(BinaryReader reader, string[] names)
    {
        _ = reader.ReadDouble(); // the initial rate, which schedulers start from
        var settings = new Dictionary<string, object?> { ["lr"] = reader.ReadDouble() };
        foreach (string name in names)
        {
            settings[name.TrimEnd('?')] = name.EndsWith('?') ? reader.ReadBoolean() : reader.ReadDouble();
        }

        // As PyTorch has it.
        if (settings.Remove("beta1", out object? beta1) && settings.Remove("beta2", out object? beta2))
        {
            settings["betas"] = new[] { beta1, beta2 };
        }

        return settings;
    }

    private static SavedParameter State(BinaryReader reader, int number, string[] names, Owner tensors)
    {
        long? step = null;
        var states = new Dictionary<string, SavedTensor>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (name == "step#")
            {
                step = reader.ReadInt64();
            }
            else if (name.EndsWith('#'))
            {
                _ = reader.ReadInt64(); // TorchSharp's Adadelta never raises it
            }
            else if (name.EndsWith('~'))
            {
                numbers[name[..^1]] = reader.ReadDouble();
            }
            else if (!name.Contains('?') || reader.ReadBoolean())
            {
                Tensor tensor = tensors.Take(TorchSharp.TensorExtensionMethods.Load(reader));
                states[name.TrimEnd('?', '*')] = new SavedTensor(tensor.shape, tensor.dtype, tensor.clone) { IsSpare = name.EndsWith('*') };
            }
        }

        // An optimizer of TorchSharp has states before its first step; they say nothing then.
        return step == 0
            ? new SavedParameter(number, null)
            : new SavedParameter(number, null) { Step = step ?? (states.Count > 0 ? 1 : 0), States = states, Numbers = numbers };
    }

    private static bool StartsWith(byte[] start, string name) =>
        start.Length > name.Length && start[0] == name.Length && start.AsSpan(1, name.Length).SequenceEqual(Encoding.ASCII.GetBytes(name));

    private sealed class Owner : IDisposable
    {
        private readonly List<Tensor> _tensors = [];

        public Tensor Take(Tensor tensor)
        {
            _tensors.Add(tensor.DetachFromDisposeScope());
            return tensor;
        }

        public void Dispose() => _tensors.ForEach(static tensor => tensor.Dispose());
    }
}
