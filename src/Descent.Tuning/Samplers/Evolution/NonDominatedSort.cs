namespace Descent.Tuning.Samplers;

/// <summary>
/// The order of points with several losses: by front, and within a front from lonely to crowded.
/// Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 6 (2002), sections III-A and III-B.
/// </summary>
internal static class NonDominatedSort
{
    /// <summary>Whether a is at least as good in every loss and better in one.</summary>
    public static bool Dominates(double[] a, double[] b)
    {
        bool better = false;
        for (int i = 0; i < a.Length; i++)
        {
            if (a[i] > b[i])
            {
                return false;
            }

            better |= a[i] < b[i];
        }

        return better;
    }

    /// <summary>The number of the front that each point lies on, from 0.</summary>
    public static int[] Fronts(double[][] losses)
    {
        int n = losses.Length;
        int[] front = new int[n];
        int[] dominators = new int[n];
        List<int>[] dominated = [.. Enumerable.Range(0, n).Select(static _ => new List<int>())];
        for (int a = 0; a < n; a++)
        {
            for (int b = a + 1; b < n; b++)
            {
                if (Dominates(losses[a], losses[b]))
                {
                    dominated[a].Add(b);
                    dominators[b]++;
                }
                else if (Dominates(losses[b], losses[a]))
                {
                    dominated[b].Add(a);
                    dominators[a]++;
                }
            }
        }

        List<int> current = [.. Enumerable.Range(0, n).Where(i => dominators[i] == 0)];
        for (int number = 0; current.Count > 0; number++)
        {
            List<int> next = [];
            foreach (int a in current)
            {
                front[a] = number;
                foreach (int b in dominated[a])
                {
                    if (--dominators[b] == 0)
                    {
                        next.Add(b);
                    }
                }
            }

            current = next;
        }

        return front;
    }

    /// <summary>The crowding distance within one front: how far apart a point's neighbours lie, summed over the losses; infinite at the ends.</summary>
    public static double[] Crowding(double[][] losses)
    {
        int n = losses.Length;
        double[] distance = new double[n];
        for (int objective = 0; n > 0 && objective < losses[0].Length; objective++)
        {
            int[] sorted = [.. Enumerable.Range(0, n).OrderBy(i => losses[i][objective])];
            double range = losses[sorted[^1]][objective] - losses[sorted[0]][objective];
            distance[sorted[0]] = distance[sorted[^1]] = double.PositiveInfinity;
            for (int k = 1; k < n - 1 && range > 0; k++)
            {
                distance[sorted[k]] += (losses[sorted[k + 1]][objective] - losses[sorted[k - 1]][objective]) / range;
            }
        }

        return distance;
    }

    /// <summary>Indices of the points from best to worst; equals by index.</summary>
    public static int[] Order(double[][] losses)
    {
        int[] fronts = Fronts(losses);
        double[] crowding = new double[losses.Length];
        foreach (IGrouping<int, int> front in Enumerable.Range(0, losses.Length).GroupBy(i => fronts[i]))
        {
            int[] members = [.. front];
            double[] distances = Crowding([.. members.Select(i => losses[i])]);
            for (int k = 0; k < members.Length; k++)
            {
                crowding[members[k]] = distances[k];
            }
        }

        return [.. Enumerable.Range(0, losses.Length).OrderBy(i => fronts[i]).ThenByDescending(i => crowding[i])];
    }
}
