namespace Descent.Optimizers.Tests.Rules;

/// <summary>
/// Rules as their papers and reference implementations print them, on one number in double: every state is kept as it is named there, every running product is
/// a running product, and nothing is rearranged.
/// </summary>
internal static class PlainRules
{
    /// <summary>A function that takes step 1's gradient, then step 2's, …, and gives the parameter after each.</summary>
    public static Func<double, double> Start(OptimizerOptions options, double start) => options switch
    {
        AdadeltaOptions o => Adadelta(o, start),
        AdamaxOptions o => Adamax(o, start),
        NAdamOptions o => NAdam(o, start),
        RAdamOptions o => RAdam(o, start),
        RpropOptions o => Rprop(o, start),
        AsgdOptions o => Asgd(o, start).Step,
        LionOptions o => Lion(o, start),
        AdEMAMixOptions o => AdEMAMix(o, start),
        AdoptOptions o => Adopt(o, start),
        AdanOptions o => Adan(o, start),
        _ => throw new NotSupportedException(options.Kind),
    };

    /// <summary>torch.optim.ASGD's own variables: the parameter and its mean ax.</summary>
    public static (Func<double, double> Step, Func<double> Mean) Asgd(AsgdOptions o, double p)
    {
        double ax = 0, eta = o.LearningRate, mu = 1;
        int step = 0;
        return (Step, () => ax);

        double Step(double g)
        {
            step++;
            g = o.Maximize ? -g : g;
            p *= 1 - (o.WeightDecay * eta);
            p -= eta * g;
            ax = mu == 1 ? p : ax + ((p - ax) * mu);
            eta = o.LearningRate / Math.Pow(1 + (o.RateDecay * o.LearningRate * step), o.Power);
            mu = 1 / Math.Max(1, step - o.AveragingStart);
            return p;
        }
    }

    /// <summary>What PyTorch does to a gradient before the rule, and to the parameter where decay is decoupled.</summary>
    private static double Prepare(OptimizerOptions o, double g, ref double p)
    {
        g = o.Maximize ? -g : g;
        if (o.DecoupledWeightDecay)
        {
            p *= 1 - (o.LearningRate * o.WeightDecay);
            return g;
        }

        return g + (o.WeightDecay * p);
    }

    private static Func<double, double> Adadelta(AdadeltaOptions o, double p)
    {
        double square = 0, delta = 0;
        return g =>
        {
            g = Prepare(o, g, ref p);
            square = (o.Rho * square) + ((1 - o.Rho) * g * g);
            double d = Math.Sqrt(delta + o.Epsilon) / Math.Sqrt(square + o.Epsilon) * g;
            delta = (o.Rho * delta) + ((1 - o.Rho) * d * d);
            return p -= o.LearningRate * d;
        };
    }

    private static Func<double, double> Adamax(AdamaxOptions o, double p)
    {
        double m = 0, u = 0;
        int t = 0;
        return g =>
        {
            t++;
            g = Prepare(o, g, ref p);
            m = (o.Beta1 * m) + ((1 - o.Beta1) * g);
            u = Math.Max(o.Beta2 * u, Math.Abs(g) + o.Epsilon);
            return p -= o.LearningRate / (1 - Math.Pow(o.Beta1, t)) * m / u;
        };
    }

    private static Func<double, double> NAdam(NAdamOptions o, double p)
    {
        double m = 0, v = 0, product = 1;
        int t = 0;
        return g =>
        {
            t++;
            g = Prepare(o, g, ref p);
            double mu = o.Beta1 * (1 - (0.5 * Math.Pow(0.96, t * o.MomentumDecay)));
            double next = o.Beta1 * (1 - (0.5 * Math.Pow(0.96, (t + 1) * o.MomentumDecay)));
            product *= mu;
            m = (o.Beta1 * m) + ((1 - o.Beta1) * g);
            v = (o.Beta2 * v) + ((1 - o.Beta2) * g * g);
            double root = Math.Sqrt(v / (1 - Math.Pow(o.Beta2, t))) + o.Epsilon;
            p -= o.LearningRate * (1 - mu) / (1 - product) * g / root;
            return p -= o.LearningRate * next / (1 - (product * next)) * m / root;
        };
    }

    private static Func<double, double> RAdam(RAdamOptions o, double p)
    {
        double m = 0, v = 0;
        int t = 0;
        return g =>
        {
            t++;
            g = Prepare(o, g, ref p);
            m = (o.Beta1 * m) + ((1 - o.Beta1) * g);
            v = (o.Beta2 * v) + ((1 - o.Beta2) * g * g);
            double corrected = m / (1 - Math.Pow(o.Beta1, t));
            double limit = (2 / (1 - o.Beta2)) - 1;
            double length = limit - (2 * t * Math.Pow(o.Beta2, t) / (1 - Math.Pow(o.Beta2, t)));
            if (length <= 5)
            {
                return p -= o.LearningRate * corrected;
            }

            double r = Math.Sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length));
            return p -= o.LearningRate * corrected * r * Math.Sqrt(1 - Math.Pow(o.Beta2, t)) / (Math.Sqrt(v) + o.Epsilon);
        };
    }

    private static Func<double, double> Rprop(RpropOptions o, double p)
    {
        double previous = 0, size = o.LearningRate;
        return g =>
        {
            g = Prepare(o, g, ref p);
            double product = g * previous;
            size = Math.Clamp(size * (product > 0 ? o.Grow : product < 0 ? o.Shrink : 1), o.MinimumStep, o.MaximumStep);
            previous = product < 0 ? 0 : g;
            return p -= Math.Sign(previous) * size;
        };
    }

    private static Func<double, double> Lion(LionOptions o, double p)
    {
        double m = 0;
        return g =>
        {
            g = Prepare(o, g, ref p);
            p -= o.LearningRate * Math.Sign((o.Beta1 * m) + ((1 - o.Beta1) * g));
            m = (o.Beta2 * m) + ((1 - o.Beta2) * g);
            return p;
        };
    }

    private static Func<double, double> AdEMAMix(AdEMAMixOptions o, double p)
    {
        double fast = 0, slow = 0, v = 0;
        int t = 0;
        return g =>
        {
            t++;
            g = Prepare(o, g, ref p);
            double alpha = o.AlphaWarmupSteps == 0 ? o.Alpha : Math.Min((double)t * o.Alpha / o.AlphaWarmupSteps, o.Alpha);
            double beta3 = o.Beta3;
            if (o.Beta3WarmupSteps > 0)
            {
                // Equation (4) of the paper.
                double part = (double)t / o.Beta3WarmupSteps, from = Math.Log(o.Beta1), to = Math.Log(o.Beta3);
                beta3 = part < 1 ? Math.Min(Math.Exp(from * to / (((1 - part) * to) + (part * from))), o.Beta3) : o.Beta3;
            }

            fast = (o.Beta1 * fast) + ((1 - o.Beta1) * g);
            slow = (beta3 * slow) + ((1 - beta3) * g);
            v = (o.Beta2 * v) + ((1 - o.Beta2) * g * g);
            double root = Math.Sqrt(v / (1 - Math.Pow(o.Beta2, t))) + o.Epsilon;
            return p -= o.LearningRate * ((fast / (1 - Math.Pow(o.Beta1, t))) + (alpha * slow)) / root;
        };
    }

    private static Func<double, double> Adopt(AdoptOptions o, double p)
    {
        double m = 0, v = 0;
        int done = 0;
        return g =>
        {
            g = (o.Maximize ? -g : g) + (o.DecoupledDecay ? 0 : o.WeightDecay * p);
            if (done++ == 0)
            {
                v = g * g;
                return p;
            }

            p -= o.DecoupledDecay ? o.LearningRate * o.WeightDecay * p : 0;
            double n = g / Math.Max(Math.Sqrt(v), o.Epsilon);
            double clip = o.Clip ? Math.Pow(done - 1, 0.25) : double.MaxValue;
            m = (o.Beta1 * m) + ((1 - o.Beta1) * Math.Clamp(n, -clip, clip));
            v = (o.Beta2 * v) + ((1 - o.Beta2) * g * g);
            return p -= o.LearningRate * m;
        };
    }

    private static Func<double, double> Adan(AdanOptions o, double p)
    {
        double m = 0, d = 0, v = 0, previous = double.NaN;
        int t = 0;
        return g =>
        {
            t++;
            g = o.Maximize ? -g : g;
            double change = t == 1 ? 0 : g - previous;
            previous = g;
            m = (o.Beta1 * m) + ((1 - o.Beta1) * g);
            d = (o.Beta2 * d) + ((1 - o.Beta2) * change);
            v = (o.Beta3 * v) + ((1 - o.Beta3) * Math.Pow(g + (o.Beta2 * change), 2));
            double root = Math.Sqrt(v / (1 - Math.Pow(o.Beta3, t))) + o.Epsilon;
            double update = ((m / (1 - Math.Pow(o.Beta1, t))) + (o.Beta2 * d / (1 - Math.Pow(o.Beta2, t)))) / root;
            return p = o.Proximal
                ? (p - (o.LearningRate * update)) / (1 + (o.LearningRate * o.WeightDecay))
                : ((1 - (o.LearningRate * o.WeightDecay)) * p) - (o.LearningRate * update);
        };
    }
}
