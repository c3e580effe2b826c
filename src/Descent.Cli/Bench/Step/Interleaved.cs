using System.Diagnostics;

namespace Descent.Cli.Bench;

/// <summary>
/// Times cases in turn, round after round, so that what else the machine does falls on all of them alike; medians of the rounds.
/// </summary>
internal static class Interleaved
{
    /// <summary>Runs every case once unmeasured, then <paramref name="rounds"/> times.</summary>
    /// <param name="cases">What to time.</param>
    /// <param name="rounds">Measured rounds.</param>
    /// <param name="repeats">Runs in a round, for cases too short to time alone.</param>
    public static IReadOnlyList<StepTiming> Measure(IReadOnlyList<StepCase> cases, int rounds, int repeats = 1)
    {
        double[][] times = [.. cases.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int index = 0; index < cases.Count; index++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int repeat = 0; repeat < repeats; repeat++)
                {
                    cases[index].Run();
                }

                cases[index].Finish?.Invoke();

                if (round >= 0)
                {
                    times[index][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / repeats;
                }
            }
        }

        return [.. cases.Zip(times, Summary)];
    }

    private static StepTiming Summary(StepCase timed, double[] times)
    {
        Array.Sort(times);
        double median = (times[(times.Length - 1) / 2] + times[times.Length / 2]) / 2;
        return new StepTiming(timed.Name, median, times[0], timed.Bytes / median / 1e6);
    }
}
