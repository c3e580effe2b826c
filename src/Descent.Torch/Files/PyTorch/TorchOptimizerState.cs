using static TorchSharp.torch;
using Dictionary = System.Collections.Generic.OrderedDictionary<object, object?>;

namespace Descent.Torch;

/// <summary>The state of an optimizer of PyTorch: <c>{"state": {0: {…}, …}, "param_groups": [{…, "params": [0, …]}, …]}</c>.</summary>
internal static class TorchOptimizerState
{
    public static SavedOptimizer Open(string path, string? entry)
    {
        TorchArchive archive = TorchArchive.Open(path);
        try
        {
            return Read(path, archive, Find(path, archive.Root, entry));
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private static Dictionary Find(string path, object? root, string? entry)
    {
        if (entry is null && IsState(root))
        {
            return (Dictionary)root!;
        }

        (string Name, object? Value)[] entries = [.. Entries(root)];
        (string Name, object? Value)[] states = [.. entries.Where(candidate => (entry is null || candidate.Name == entry) && IsState(candidate.Value))];
        string there = string.Join(", ", entries.Select(candidate => $"'{candidate.Name}'").DefaultIfEmpty($"{root ?? "nothing"}").Take(12));
        return states.Length switch
        {
            1 => (Dictionary)states[0].Value!,
            0 => throw new InvalidDataException($"{path}: no {(entry is null ? "" : $"entry '{entry}' that is an ")}optimizer's state_dict() (a dictionary of state and param_groups); "
                + $"it holds {there}. Save optimizer.state_dict() with torch.save"),
            _ => throw new InvalidDataException($"{path}: several optimizers: {string.Join(", ", states.Select(state => $"'{state.Name}'"))}; "
                + "name the one you want, or save it alone with torch.save"),
        };
    }

    // A checkpoint's own dictionaries, and lists of optimizers in them, as Lightning writes.
    private static IEnumerable<(string Name, object? Value)> Entries(object? root) =>
        root is not Dictionary dictionary
            ? []
            : dictionary.SelectMany(static pair => pair.Value is List<object?> list
                ? list.Select((item, index) => ($"{pair.Key}[{index}]", item))
                : [($"{pair.Key}", pair.Value)]);

    private static bool IsState(object? value) =>
        value is Dictionary dictionary && dictionary.GetValueOrDefault("state") is Dictionary && dictionary.GetValueOrDefault("param_groups") is List<object?>;

    private static SavedOptimizer Read(string path, TorchArchive archive, Dictionary root)
    {
        var state = (Dictionary)root["state"]!;
        var groups = new List<SavedGroup>();
        var parameters = new List<SavedParameter>();
        foreach (object? item in (List<object?>)root["param_groups"]!)
        {
            if (item is not Dictionary group || group.GetValueOrDefault("params") is not List<object?> keys)
            {
                throw new InvalidDataException($"{path}: a parameter group is {item ?? "None"}; a dictionary with 'params' is needed");
            }

            // PyTorch 2.6 and later name parameters that were given with names; sharded states have names for keys.
            var names = group.GetValueOrDefault("param_names") as List<object?>;
            int first = parameters.Count;
            parameters.AddRange(keys.Select((key, index) => Parameter(
                path,
                archive,
                first + index,
                key as string ?? (names is not null && index < names.Count ? names[index] as string : null),
                key is null ? null : state.GetValueOrDefault(key))));
            groups.Add(new SavedGroup(
                group.Where(pair => pair.Key is string and not ("params" or "param_names")).ToDictionary(pair => (string)pair.Key, pair => Setting(archive, pair.Value)),
                [.. Enumerable.Range(first, keys.Count)]));
        }

        return new SavedOptimizer(path, "PyTorch", groups, parameters, archive);
    }

    private static SavedParameter Parameter(string path, TorchArchive archive, int number, string? name, object? state)
    {
        var parameter = new SavedParameter(number, name);
        if (state is null)
        {
            return parameter;
        }

        if (state is not Dictionary entries)
        {
            throw new InvalidDataException($"{path}: the state of {parameter.Label} is {state}; a dictionary is needed");
        }

        var tensors = new Dictionary<string, SavedTensor>(StringComparer.Ordinal);
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach ((object key, object? value) in entries)
        {
            // None stands for a state not begun, such as the momentum of SGD before its first step.
            if (value is TorchTensor { Shape.Length: > 0 } tensor)
            {
                tensors[$"{key}"] = archive.Bind(tensor);
            }
            else if (Setting(archive, value) is { } single and (double or long))
            {
                numbers[$"{key}"] = Convert.ToDouble(single, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        // SGD counts no steps: all that its rule asks is whether there was one.
        long step = numbers.Remove("step", out double steps) ? checked((long)steps) : tensors.Count > 0 ? 1 : 0;
        return parameter with { Step = step, States = tensors, Numbers = numbers };
    }

    /// <summary>Tensors of one number, as PyTorch keeps steps and may keep rates, become that number.</summary>
    private static object? Setting(TorchArchive archive, object? value)
    {
        if (value is not TorchTensor { Shape.Length: 0 } scalar)
        {
            return value;
        }

        using Tensor tensor = archive.Bind(scalar).Read();
        using Tensor wide = tensor.to(ScalarType.Float64);
        return wide.item<double>();
    }
}
