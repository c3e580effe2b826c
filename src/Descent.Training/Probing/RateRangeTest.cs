using Descent.Training.Configuration;
using Descent.Training.Data;
using Descent.Training.Models;

namespace Descent.Training.Probing;

/// <summary>
/// Finds a learning rate by one short training in which it grows exponentially: too small a rate leaves the loss where it is, too large a one makes it run away, and in between it falls.
/// </summary>
/// <remarks>
/// Leslie N. Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, arXiv 1506.01186, section 3.3, which lets the rate grow linearly; exponential growth, smoothing, the end at four
/// times the least loss and both suggestions (steepest descent, a tenth of the minimum's rate) are those of fastai's <c>lr_find</c>. The slope is looked for before the minimum, between the smoothed losses of
/// points a fortieth of the range apart, where fastai takes neighbours. Groups keep their proportion to the optimizer's rate; schedules are left out.
/// </remarks>
public static class RateRangeTest
{
    // Of the range on each side of a point: the slope of neighbours is mostly noise.
    private const int SlopeParts = 80;

    // The part of the fall that is done where the fall is taken to have begun.
    private const double BegunFall = 0.05;

    /// <summary>Trains a model through a range of rates. Its weights are of no use afterwards.</summary>
    /// <param name="model">The model, initialised.</param>
    /// <param name="data">The data.</param>
    /// <param name="batchSize">Samples in a batch.</param>
    /// <param name="options">How it would be trained.</param>
    /// <param name="range">Which rates.</param>
    /// <param name="cancellation">Ends the test where it is.</param>
    /// <exception cref="BadInputException">The optimizer has no rate to test, or the options don't fit.</exception>
    public static RateCurve Run(Model model, DataSplit data, int batchSize, TrainingOptions options, RateRange range, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(range);
        if (range.To <= range.From)
        {
            throw new BadInputException($"the range of rates goes from {range.From} to {range.To}; its end must be above its beginning");
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var recorder = new Recorder(range, stop);
        RunStopped end = ProbeRun.Train(model, data, batchSize, options, range.From, range.To, range.Steps, recorder, stop.Token);
        cancellation.ThrowIfCancellationRequested();
        return Judge(recorder.Rates, recorder.Losses, range, recorder.Diverged || end.Reason == StopReason.NonFinite);
    }

    /// <summary>What losses at rising rates say.</summary>
    internal static RateCurve Judge(IReadOnlyList<double> rates, IReadOnlyList<double> losses, RateRange range, bool diverged)
    {
        var smoother = new Smoother(range.Smoothing);
        double[] smoothed = [.. losses.Select(smoother.Add)];
        int lowest = 0;
        for (int i = 1; i < smoothed.Length; i++)
        {
            lowest = smoothed[i] < smoothed[lowest] ? i : lowest;
        }

        int reach = (int)Math.Max(1, range.Steps / SlopeParts);

        // The first steps are loud, and where nothing is learned yet the slope is that of noise: only a place where part of the fall is done already is a place in it.
        int begin = Math.Max(reach, rates.Count / 20);
        double begun = lowest > begin ? smoothed[begin] - (BegunFall * (smoothed[begin] - smoothed[lowest])) : double.NegativeInfinity;
        (int at, double slope) = (-1, 0);
        for (int i = begin; i + reach <= lowest; i++)
        {
            if (smoothed[i] > begun)
            {
                continue;
            }

            double here = (smoothed[i + reach] - smoothed[i - reach]) / Math.Log(rates[i + reach] / rates[i - reach]);
            (at, slope) = here < slope ? (i, here) : (at, slope);
        }

        return new RateCurve
        {
            Rates = [.. rates],
            Losses = [.. losses],
            Smoothed = smoothed,
            Diverged = diverged,
            Steepest = at < 0 ? null : rates[at],
            TenthOfMinimum = at < 0 ? null : rates[lowest] / 10,
        };
    }

    /// <summary>An exponential moving average with Adam's correction for its start.</summary>
    private sealed class Smoother(double beta)
    {
        private double _mean;
        private double _correction = 1;

        public double Add(double loss)
        {
            _mean = (beta * _mean) + ((1 - beta) * loss);
            _correction *= beta;
            return _mean / (1 - _correction);
        }
    }

    private sealed class Recorder(RateRange range, CancellationTokenSource stop) : ITrainingObserver
    {
        private readonly Smoother _smoother = new(range.Smoothing);
        private double _least = double.PositiveInfinity;

        public List<double> Rates { get; } = [];

        public List<double> Losses { get; } = [];

        public bool Diverged { get; private set; }

        public void OnStep(StepReport step)
        {
            if (!double.IsFinite(step.Loss))
            {
                Diverged = true;
                return;
            }

            Rates.Add(step.LearningRate);
            Losses.Add(step.Loss);
            double smoothed = _smoother.Add(step.Loss);
            _least = Math.Min(_least, smoothed);
            if (smoothed > range.Divergence * _least)
            {
                Diverged = true;
                stop.Cancel();
            }
        }
    }
}
