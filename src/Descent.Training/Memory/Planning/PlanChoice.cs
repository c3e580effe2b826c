namespace Descent.Training.Memory;

/// <summary>Picks the fastest settings that fit.</summary>
internal static class PlanChoice
{
    // Predictions may be off by that much.
    private const double HeadRoom = 0.03;

    // Settings that differ less are as fast as each other on any machine; the one nearest to the run file is taken, then the one with less memory.
    public const double SameTime = 1.02;

    public static MemoryPlan Make(IReadOnlyList<PlanRow> rows, PlanRow asGiven, MemoryOptions memory)
    {
        if (memory.BudgetBytes is not { } budget)
        {
            return new MemoryPlan { Rows = rows, AsGiven = asGiven, Chosen = asGiven, Reason = "no budget is given: the settings stay as they are" };
        }

        PlanRow[] fitting = [.. rows.Where(row => row.Peak.Total <= budget * (1 - HeadRoom))];
        if (fitting.Length == 0)
        {
            PlanRow row = rows.MinBy(static row => row.Peak.Total)!;
            string least = $"{MemorySize.Format((long)(row.Peak.Total / (1 - HeadRoom)))} is the least that works ({row.Settings.Describe()})";
            string more = (memory.AllowRounding ? "" : "; memory.allow_rounding lets states and parameters be stored in fewer bits")
                + (memory.Folder is null ? "; memory.folder lets them be put on a disk" : "");
            return new MemoryPlan { Budget = budget, Rows = rows, AsGiven = asGiven, Reason = $"{MemorySize.Format(budget)} is too little: {least}{more}" };
        }

        // Rounding is a last resort: as little of it as fits.
        int bits = fitting.Max(Exactness);
        PlanRow[] exact = [.. fitting.Where(row => Exactness(row) == bits)];
        double fastest = exact.Min(static row => row.StepSeconds);
        PlanRow chosen = exact.Where(row => row.StepSeconds <= fastest * SameTime).OrderBy(row => Changes(row.Settings, asGiven.Settings)).ThenBy(static row => row.Peak.Total).First();
        PlanRow? faster = rows.Where(row => row.StepSeconds < chosen.StepSeconds / SameTime && Exactness(row) >= bits).MinBy(static row => row.Peak.Total);
        string why = $"the fastest of {fitting.Length} that fit {MemorySize.Format(budget)}"
            + (faster is null ? "" : $"; the next faster one needs {MemorySize.Format((long)(faster.Peak.Total / (1 - HeadRoom)))} ({faster.Settings.Describe()})");
        return new MemoryPlan { Budget = budget, Rows = rows, AsGiven = asGiven, Chosen = chosen, Reason = why };
    }

    private static double Changes(PlannedSettings a, PlannedSettings b) =>
        (2 * Math.Log2(a.Accumulate / (double)b.Accumulate)) + (a.Prefer != b.Prefer ? 1 : 0) + (a.Update != b.Update ? 1 : 0) + (a.Recompute != b.Recompute ? 1 : 0) + (a.Disk != b.Disk ? 3 : 0);

    private static int Exactness(PlanRow row) =>
        (row.Settings.Parameters == ParameterFormat.Float32 ? 10 : 0) + row.Settings.State switch
        {
            Optimizers.StateFormat.Float32 => 3,
            Optimizers.StateFormat.Bfloat16 => 2,
            _ => 1,
        };
}
