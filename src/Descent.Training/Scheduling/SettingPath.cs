using System.Collections;
using System.Reflection;
using System.Text.RegularExpressions;
using Descent.Optimizers;
using Descent.Training.Configuration;

namespace Descent.Training;

/// <summary>A number deep inside the training options, found by its key in the run file: <c>optimizer.beta2</c>, <c>groups[0].weight_decay</c>.</summary>
internal sealed partial class SettingPath
{
    private readonly List<(PropertyInfo Property, int? Index)> _parts = [];

    /// <exception cref="BadInputException">There is no such number.</exception>
    public SettingPath(TrainingOptions options, string key)
    {
        object? owner = options;
        foreach (string part in key.Split('.'))
        {
            Match match = Part().Match(part);
            Dictionary<string, (object Owner, PropertyInfo Property)> known = owner is null ? [] : SectionBinder.PropertiesOf(owner);
            if (!match.Success || !known.TryGetValue(match.Groups[1].Value, out (object Owner, PropertyInfo Property) found))
            {
                throw new BadInputException($"schedules: unknown key '{key}'; {NearestName.Hint(part, known.Keys)}");
            }

            int? index = match.Groups[2].Success ? int.Parse(match.Groups[2].Value, null) : null;
            _parts.Add((found.Property, index));
            owner = found.Property.GetValue(owner);
            if (index is { } at)
            {
                owner = owner is IList list && at < list.Count ? list[at] : throw new BadInputException($"schedules: there is nothing at '{key}'; count from 0");
            }
        }

        Type type = Nullable.GetUnderlyingType(_parts[^1].Property.PropertyType) ?? _parts[^1].Property.PropertyType;
        if (type != typeof(double) && type != typeof(int) && type != typeof(long))
        {
            throw new BadInputException($"schedules: '{key}' is no number; only numbers change with the step");
        }

        Own = owner is null ? null : Convert.ToDouble(owner, null);
        IsWhole = type != typeof(double);
    }

    /// <summary>The value that the options have.</summary>
    public double? Own { get; }

    /// <summary>Whether it is a whole number.</summary>
    public bool IsWhole { get; }

    /// <summary>The options with another value; what it lies in is copied, the rest is shared.</summary>
    /// <exception cref="ArgumentException">The value is not allowed.</exception>
    public TrainingOptions With(TrainingOptions options, double value) => (TrainingOptions)Set(options, 0, value);

    private object Set(object owner, int depth, double value)
    {
        (PropertyInfo property, int? index) = _parts[depth];
        object? present = property.GetValue(owner);
        object? next;
        if (depth == _parts.Count - 1)
        {
            Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            next = !IsWhole ? value
                : Math.Abs(value) < int.MaxValue ? Convert.ChangeType(Math.Round(value, MidpointRounding.AwayFromZero), type, null)
                : throw Require.Outside(property.Name, value, "a whole number that fits 32 bits");
        }
        else if (index is { } at)
        {
            var list = (IList)present!;
            Array copy = Array.CreateInstance(property.PropertyType.GetGenericArguments()[0], list.Count);
            list.CopyTo(copy, 0);
            copy.SetValue(Set(list[at]!, depth + 1, value), at);
            next = copy;
        }
        else
        {
            next = Set(present!, depth + 1, value);
        }

        object changed = SectionBinder.Copy(owner);
        try
        {
            property.SetValue(changed, next);
        }
        catch (TargetInvocationException exception) when (exception.InnerException is ArgumentException refusal)
        {
            throw refusal;
        }

        return changed;
    }

    [GeneratedRegex(@"^(\w+)(?:\[(\d+)\])?$")]
    private static partial Regex Part();
}
