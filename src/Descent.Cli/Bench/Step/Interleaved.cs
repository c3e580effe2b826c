using System.Diagnostics;

namespace Descent.Cli.Bench;

/// <summary>
/// Times cases in turn, round after round, so that what else the machine does falls on all of them alike; medians of the rounds, and of ratios to what ran right before.
/// </summary>
internal static class Interleaved
{
    /// <summary>Until what ran before has gone to sleep: libtorch's threads look for work for some milliseconds after their last, and would take a core from what comes next.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    /// <summary>Runs every case once unmeasured, then <paramref name="rounds"/> times.</summary>
    /// <param name="cases">What to time.</param>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="repeats">Runs in a round, for cases too short to time alone.</param>
    public static IReadOnlyList<StepTiming> Measure(IReadOnlyList<StepCase> cases, int rounds, int repeats = 1)
    {
        double[][] times = [.. cases.Select(_ => new double[rounds])];
        double[][] ratios = [.. cases.Select(timed => timed.Beside is null ? [] : new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int index = 0; index < cases.Count; index++)
            {
                StepCase timed = cases[index];
                double beside = timed.Beside is null ? 0 : Time(timed.Beside, null, repeats);
                double time = Time(timed.Run, timed.Finish, repeats);
                if (round >= 0)
                {
                    times[index][round] = time;
                    if (timed.Beside is not null)
                    {
                        ratios[index][round] = time / beside;
                    }
                }
            }
        }

        return [.. cases.Select((timed, index) => Summary(timed, times[index], ratios[index]))];
    }

    private static double Time(Action run, Action? finish, int repeats)
    {
        Thread.Sleep(Rest);
        long start = Stopwatch.GetTimestamp();
        for (int repeat = 0; repeat < repeats; repeat++)
        {
            run();
        }

        finish?.Invoke();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds / repeats;
    }

    private static StepTiming Summary(StepCase timed, double[] times, double[] ratios)
    {
        double median = Median(times);
        return new StepTiming(timed.Name, median, times.Min(), timed.Bytes / median / 1e6, OfBeside: ratios.Length == 0 ? null : Median(ratios));
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
