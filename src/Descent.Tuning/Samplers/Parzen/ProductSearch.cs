namespace Descent.Tuning.Samplers;

/// <summary>Combinations of one candidate from each group, from the best sum of scores downwards.</summary>
internal static class ProductSearch
{
    /// <summary>Indices into the groups' candidates, which are sorted by descending score.</summary>
    /// <param name="scores">Of each group: the candidates' scores, descending.</param>
    public static IEnumerable<int[]> Best(double[][] scores)
    {
        PriorityQueue<int[], double> open = new();
        HashSet<string> seen = [];
        Offer(new int[scores.Length]);
        while (open.TryDequeue(out int[]? choice, out _))
        {
            yield return choice;
            for (int group = 0; group < choice.Length; group++)
            {
                if (choice[group] + 1 < scores[group].Length)
                {
                    int[] next = [.. choice];
                    next[group]++;
                    Offer(next);
                }
            }
        }

        void Offer(int[] choice)
        {
            if (seen.Add(string.Join(',', choice)))
            {
                double sum = 0;
                for (int group = 0; group < choice.Length; group++)
                {
                    sum += scores[group][choice[group]];
                }

                open.Enqueue(choice, -sum);
            }
        }
    }
}
