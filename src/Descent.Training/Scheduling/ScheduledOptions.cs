using Descent.Optimizers;
using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>The options of a run as functions of the step.</summary>
internal sealed class ScheduledOptions
{
    public const string BatchSizeKey = "data.batch_size";
    public const string ModelDropoutKey = "model.dropout";
    public const string AccumulateKey = "gradients.accumulate";
    public const string DropoutKey = "regularization.dropout";
    private const int Probes = 200;
    private static readonly string[] Sections = ["optimizer", "groups", "gradients", "regularization"];

    private readonly TrainingOptions _options;
    private readonly int _batchSize;
    private readonly List<Setting> _settings = [];
    private double[] _values = [];
    private Moment _moment;

    /// <param name="options">The options; their <see cref="TrainingOptions.Schedules"/> say what changes.</param>
    /// <param name="batchSize">The batch size where none is scheduled.</param>
    /// <param name="dropout">The model's own dropout; null where it has none.</param>
    /// <exception cref="BadInputException">There is no such setting, or it takes a value that is not allowed.</exception>
    public ScheduledOptions(TrainingOptions options, int batchSize, double? dropout)
    {
        (_options, _batchSize) = (options, batchSize);
        _moment = new Moment(options, batchSize, null, new Dictionary<string, double>());
        foreach ((string key, ScheduledValue value) in options.Schedules)
        {
            _settings.Add(ToSetting(key, value, dropout));
        }
    }

    public bool Any => _settings.Count > 0;

    public bool Has(params ReadOnlySpan<string> keys)
    {
        foreach (Setting setting in _settings)
        {
            if (keys.Contains(setting.Key))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Why a key can't be scheduled; null where it can, as far as its section tells.</summary>
    public static string? WhyNot(string key) =>
        key is BatchSizeKey or ModelDropoutKey || Sections.Contains(key.Split('.', '[')[0])
            ? null
            : $"'{key}' can't change with the step; what can are numbers of {string.Join(", ", Sections)}, {BatchSizeKey} and {ModelDropoutKey}";

    /// <summary>The options at a step; the same object as long as no value changes.</summary>
    /// <exception cref="BadInputException">A value is not allowed.</exception>
    public Moment At(long step, long totalSteps)
    {
        double[] values = [.. _settings.Select(setting => setting.At(step, totalSteps))];
        if (_values.Length == 0 || !values.AsSpan().SequenceEqual(_values))
        {
            _moment = Of(values, step);
            _values = values;
        }

        return _moment;
    }

    /// <summary>Whether every value of a step is the same for two lengths of the run.</summary>
    public bool AgreeAt(long step, long one, long other) => _settings.TrueForAll(setting => setting.At(step, one) == setting.At(step, other));

    /// <summary>Batch size and batches of a step.</summary>
    public (int BatchSize, long Accumulate) WindowAt(long step, long totalSteps)
    {
        (int batchSize, long accumulate) = (_batchSize, _options.Gradients.Accumulate);
        foreach (Setting setting in _settings)
        {
            if (setting.Key == BatchSizeKey)
            {
                batchSize = (int)setting.At(step, totalSteps);
            }
            else if (setting.Key == AccumulateKey)
            {
                accumulate = (long)setting.At(step, totalSteps);
            }
        }

        return (batchSize, accumulate);
    }

    /// <summary>Goes over the run before it begins: every value must be allowed.</summary>
    /// <param name="totalSteps">Steps of the run, or null where only time ends it.</param>
    /// <returns>For every setting its first value, and the last one that differs from it; null where none does.</returns>
    /// <exception cref="BadInputException">A value is not allowed.</exception>
    public IReadOnlyList<(string Key, double First, double? Other)> Survey(long? totalSteps)
    {
        long total = totalSteps ?? Math.Max(1000, _settings.Select(static setting => setting.Value.Start + (setting.Value.Steps ?? 0)).DefaultIfEmpty(0).Max());
        var found = _settings.Select(setting => (setting.Key, First: setting.At(0, total), Other: (double?)null)).ToArray();
        for (int probe = 0; probe <= Probes && Any; probe++)
        {
            long step = (long)((decimal)(total - 1) * probe / Probes);
            double[] values = [.. _settings.Select(setting => setting.At(step, total))];
            _ = Of(values, step);
            for (int i = 0; i < values.Length; i++)
            {
                found[i].Other = values[i] == found[i].First ? found[i].Other : values[i];
            }
        }

        return found;
    }

    /// <summary>The options with one scheduled setting at a value.</summary>
    public TrainingOptions With(string key, double value) => _settings.Single(setting => setting.Key == key).Path?.With(_options, value) ?? _options;

    private Moment Of(double[] values, long step)
    {
        (TrainingOptions options, int batchSize, double? dropout) = (_options, _batchSize, (double?)null);
        var byKey = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < values.Length; i++)
        {
            (Setting setting, double value) = (_settings[i], values[i]);
            byKey[setting.Key] = value;
            try
            {
                if (setting.Key == BatchSizeKey)
                {
                    batchSize = Require.Between(1, 1 << 20, (int)value, "BatchSize");
                }
                else if (setting.Key is ModelDropoutKey or DropoutKey)
                {
                    dropout = Require.Decay(value, "Dropout");
                }

                options = setting.Path?.With(options, value) ?? options;
            }
            catch (ArgumentException refusal)
            {
                throw new BadInputException($"schedules: at step {step}, {Refusal.Of(refusal, setting.Key)}", refusal);
            }
        }

        return new Moment(options, batchSize, dropout, byKey);
    }

    private Setting ToSetting(string key, ScheduledValue value, double? dropout)
    {
        string[] faults = [.. value.Validate()];
        if (faults.Length > 0)
        {
            throw new BadInputException($"schedules: '{key}': {faults[0]}");
        }

        if (key == BatchSizeKey)
        {
            return new Setting(key, value, null, _batchSize, IsWhole: true);
        }

        if (key == ModelDropoutKey)
        {
            return new Setting(key, value, null, _options.Regularization.Dropout ?? dropout ?? 0, IsWhole: false);
        }

        if (WhyNot(key) is { } reason)
        {
            throw new BadInputException($"schedules: {reason}");
        }

        var path = new SettingPath(_options, key);
        double? own = key == DropoutKey ? path.Own ?? dropout : path.Own;
        return own is null && value.From is null
            ? throw new BadInputException($"schedules: '{key}' has no value of its own; say where it begins, with 'from'")
            : new Setting(key, value, path, own ?? 0, path.IsWhole);
    }

    private sealed record Setting(string Key, ScheduledValue Value, SettingPath? Path, double Own, bool IsWhole)
    {
        public double At(long step, long totalSteps)
        {
            double value = Value.At(step, totalSteps, Own);
            return IsWhole ? Math.Round(value, MidpointRounding.AwayFromZero) : value;
        }
    }
}
