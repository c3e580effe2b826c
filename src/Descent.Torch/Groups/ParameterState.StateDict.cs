using Descent.Optimizers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Descent.Torch;

// What TorchSharp's save_state_dict and load_state_dict write and read.
internal sealed partial class ParameterState
{
    /// <summary>Stands before the name of a number that the rule carries for the whole group; the group's first parameter has it with its states.</summary>
    private const string SharedPrefix = "shared/";

    private bool CarriesShared => Runner is not null && ReferenceEquals(Runner.Parameters[0], this);

    /// <inheritdoc/>
    public override void SaveStateDict(BinaryWriter writer)
    {
        (string Name, double Value)[] shared = CarriesShared ? [.. Runner!.Shared] : [];
        writer.Write(Step);
        writer.Write(_tensors.Length + shared.Length);
        for (int i = 0; i < _tensors.Length; i++)
        {
            // As they are stored: the tensors of an encoded state one behind the other under a name that says so.
            writer.Write(_scales[i] is null ? _declared![i].Name : Entries(_declared![i].Name, i).First().Name);
            _tensors[i].Save(writer);
            _scales[i]?.Save(writer);
        }

        foreach ((string name, double value) in shared)
        {
            using Tensor number = tensor(value, ScalarType.Float64);
            writer.Write(SharedPrefix + name);
            number.Save(writer);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The states are another rule's or another parameter's.</exception>
    public override void LoadStateDict(BinaryReader reader)
    {
        using var scope = NewDisposeScope();
        long step = reader.ReadInt64();
        int count = reader.ReadInt32();
        var read = new Dictionary<string, (Tensor Codes, Tensor? Scales)>(StringComparer.Ordinal);
        StateFormat format = StateFormat.Float32;
        for (int i = 0; i < count; i++)
        {
            (string name, StateFormat stored) = EncodedName.Parse(reader.ReadString());
            Tensor codes = TensorExtensionMethods.Load(reader);
            if (name.StartsWith(SharedPrefix, StringComparison.Ordinal))
            {
                TakeShared(name[SharedPrefix.Length..], codes);
                continue;
            }

            format = stored != StateFormat.Float32 ? stored : codes.dtype == ScalarType.BFloat16 ? StateFormat.Bfloat16 : StateFormat.Float32;
            read[name] = (codes, stored == StateFormat.Float32 ? null : TensorExtensionMethods.Load(reader));
        }

        Take(read, format);
        Step = step;
    }

    /// <inheritdoc/>
    public override void LoadStateDict(OptimizerState source)
    {
        if (source is not ParameterState other)
        {
            throw new ArgumentException($"The state of '{Name}' comes from a {source?.GetType().Name ?? "null"}; load the state of a fused optimizer.", nameof(source));
        }

        Dispose();
        Step = other.Step;
        (_declared, _format) = (other._declared, other._format);
        _tensors = [.. other._tensors.Select(tensor => Owned(_format != StateFormat.Float32 ? tensor.clone() : tensor.to(PlainType, _parameter.device, copy: true)))];
        _scales = [.. other._scales.Select(scales => scales is null ? null : Owned(scales.clone()))];
        foreach ((string name, double value) in CarriesShared && other.CarriesShared ? other.Runner!.Shared : [])
        {
            Runner!.TrySetShared(name, value);
        }

        FindAddresses();
    }

    private void TakeShared(string name, Tensor number)
    {
        if (!(Runner?.TrySetShared(name, number.item<double>()) ?? false))
        {
            throw new InvalidDataException($"'{Name}' comes with its group's '{name}', which '{Runner?.Options.Kind}' doesn't have; use the rule it was saved with.");
        }
    }

    /// <summary>Goes over to states that were read, which must be those of the rule; none begin anew.</summary>
    private void Take(Dictionary<string, (Tensor Codes, Tensor? Scales)> read, StateFormat format)
    {
        IReadOnlyList<StateTensor> declared = Runner?.StatesOf(this) ?? [];
        if (read.Count > 0 && !declared.Select(static state => state.Name).ToHashSet(StringComparer.Ordinal).SetEquals(read.Keys))
        {
            throw new InvalidDataException(
                $"The saved states of '{Name}' are {string.Join(", ", read.Keys)}; '{Runner?.Options.Kind}' keeps "
                + $"{string.Join(", ", declared.Select(static state => state.Name).DefaultIfEmpty("none"))}. Use the rule and the settings it was saved with.");
        }

        Dispose();
        if (read.Count == 0)
        {
            return;
        }

        using var noGrad = no_grad();
        var made = declared.Select(state => New(state, format)).ToArray();
        (_declared, _tensors, _scales, _format) = (declared, [.. made.Select(static state => state.Codes)], [.. made.Select(static state => state.Scales)], format);
        for (int i = 0; i < declared.Count; i++)
        {
            (Tensor codes, Tensor? scales) = read[declared[i].Name];
            RequireShape(declared[i].Name, codes, _tensors[i]);
            _tensors[i].copy_(codes);
            MappedArena.Release(_tensors[i]);
            if (scales is not null)
            {
                RequireShape(declared[i].Name, scales, _scales[i]!);
                _scales[i]!.copy_(scales);
                MappedArena.Release(_scales[i]!);
            }
        }

        FindAddresses();
        Store(FormatFor(declared));
    }

    private void RequireShape(string state, Tensor read, Tensor kept)
    {
        if (!read.shape.AsSpan().SequenceEqual(kept.shape))
        {
            string there = string.Join(", ", read.shape), here = string.Join(", ", kept.shape);
            Dispose();
            throw new InvalidDataException($"'{state}' of '{Name}' was saved as [{there}] and is [{here}] here; load the state of this model.");
        }
    }
}
