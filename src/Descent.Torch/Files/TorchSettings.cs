using Descent.Optimizers;

namespace Descent.Torch;

/// <summary>Settings under PyTorch's names, and the options that mean the same.</summary>
internal static class TorchSettings
{
    /// <summary>Puts settings over a rule's options; those that the rule hasn't are passed over.</summary>
    public static OptimizerOptions Over(OptimizerOptions options, IReadOnlyDictionary<string, object?> settings)
    {
        var file = new Reader(settings);
        OptimizerOptions common = options with
        {
            LearningRate = file.Number("lr", options.LearningRate),
            WeightDecay = file.Number("weight_decay", options.WeightDecay),
            Maximize = file.Flag("maximize", options.Maximize),
        };
        return common switch
        {
            AdamOptions o => o with
            {
                Beta1 = file.Number("betas", 0, o.Beta1),
                Beta2 = file.Number("betas", 1, o.Beta2),
                Epsilon = file.Number("eps", o.Epsilon),
                AmsGrad = file.Flag("amsgrad", o.AmsGrad),
            },
            AdamWOptions o => o with
            {
                Beta1 = file.Number("betas", 0, o.Beta1),
                Beta2 = file.Number("betas", 1, o.Beta2),
                Epsilon = file.Number("eps", o.Epsilon),
                AmsGrad = file.Flag("amsgrad", o.AmsGrad),
            },
            MomentumOptions o => o with
            {
                Momentum = file.Number("momentum", o.Momentum),
                Dampening = file.Number("dampening", o.Dampening),
                Nesterov = file.Flag("nesterov", o.Nesterov),
            },
            RmsPropOptions o => o with
            {
                Alpha = file.Number("alpha", o.Alpha),
                Epsilon = file.Number("eps", o.Epsilon),
                Momentum = file.Number("momentum", o.Momentum),
                Centered = file.Flag("centered", o.Centered),
            },
            AdagradOptions o => o with
            {
                LearningRateDecay = file.Number("lr_decay", o.LearningRateDecay),
                InitialAccumulator = file.Number("initial_accumulator_value", o.InitialAccumulator),
                Epsilon = file.Number("eps", o.Epsilon),
            },
            AdafactorOptions o => o with
            {
                Beta2Decay = file.Number("beta2_decay", o.Beta2Decay),
                Epsilon1 = file.OptionalNumber("eps", 0, o.Epsilon1),
                Epsilon2 = file.Number("eps", 1, o.Epsilon2),
                ClipThreshold = file.Number("d", o.ClipThreshold),
            },
            AdadeltaOptions o => o with { Rho = file.Number("rho", o.Rho), Epsilon = file.Number("eps", o.Epsilon) },
            AdamaxOptions o => o with
            {
                Beta1 = file.Number("betas", 0, o.Beta1),
                Beta2 = file.Number("betas", 1, o.Beta2),
                Epsilon = file.Number("eps", o.Epsilon),
            },
            NAdamOptions o => o with
            {
                Beta1 = file.Number("betas", 0, o.Beta1),
                Beta2 = file.Number("betas", 1, o.Beta2),
                Epsilon = file.Number("eps", o.Epsilon),
                MomentumDecay = file.Number("momentum_decay", o.MomentumDecay),
                DecoupledDecay = file.Flag("decoupled_weight_decay", o.DecoupledDecay),
            },
            RAdamOptions o => o with
            {
                Beta1 = file.Number("betas", 0, o.Beta1),
                Beta2 = file.Number("betas", 1, o.Beta2),
                Epsilon = file.Number("eps", o.Epsilon),
                DecoupledDecay = file.Flag("decoupled_weight_decay", o.DecoupledDecay),
            },
            RpropOptions o => o with
            {
                Shrink = file.Number("etaminus", file.Number("etas", 0, o.Shrink)),
                Grow = file.Number("etaplus", file.Number("etas", 1, o.Grow)),
                MinimumStep = file.Number("min_step", file.Number("step_sizes", 0, o.MinimumStep)),
                MaximumStep = file.Number("max_step", file.Number("step_sizes", 1, o.MaximumStep)),
            },
            AsgdOptions o => o with
            {
                WeightDecay = file.Number("lambd", options.WeightDecay),
                RateDecay = file.Number("lambd", o.RateDecay),
                Power = file.Number("alpha", o.Power),
                AveragingStart = file.Number("t0", o.AveragingStart),
            },
            _ => common,
        };
    }

    /// <summary>The settings that differ between the file and the options, one line each.</summary>
    public static IEnumerable<string> Differences(OptimizerOptions options, IReadOnlyDictionary<string, object?> settings)
    {
        foreach ((string name, object? value) in settings)
        {
            OptimizerOptions other;
            try
            {
                other = Over(options, new Dictionary<string, object?> { [name] = value });
            }
            catch (ArgumentOutOfRangeException)
            {
                other = null!;
            }

            if (other != options)
            {
                yield return $"{name} is {Text(value)} in the file; the optimizer has {options}";
            }
        }
    }

    private static string Text(object? value) => value switch
    {
        object?[] values => $"({string.Join(", ", values.Select(Text))})",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value ?? "none"}",
    };

    private readonly struct Reader(IReadOnlyDictionary<string, object?> settings)
    {
        public double Number(string name, double otherwise) => settings.TryGetValue(name, out object? value) ? Number(value, otherwise) : otherwise;

        public double Number(string name, int index, double otherwise) =>
            settings.TryGetValue(name, out object? value) && value is object?[] values && values.Length > index ? Number(values[index], otherwise) : otherwise;

        public double? OptionalNumber(string name, int index, double? otherwise) =>
            settings.TryGetValue(name, out object? value) && value is object?[] values && values.Length > index
                ? values[index] is null ? null : Number(values[index], double.NaN)
                : otherwise;

        public bool Flag(string name, bool otherwise) => settings.TryGetValue(name, out object? value) && value is bool flag ? flag : otherwise;

        private static double Number(object? value, double otherwise) => value switch
        {
            double number => number,
            long number => number,
            _ => otherwise,
        };
    }
}
