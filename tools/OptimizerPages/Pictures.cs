using Descent.Race;
using ScottPlot;

namespace OptimizerPages;

/// <summary>A rule's picture: its path on Rosenbrock, and its loss on the small task beside AdamW's.</summary>
internal static class Pictures
{
    private const int Width = 450, Height = 360;
    private const double Left = -1.7, Right = 1.5, Bottom = -0.6, Top = 2.2;

    public static void Write(string path, string name, RosenbrockPath? rosenbrock, IReadOnlyList<JobResult> runs, IReadOnlyList<JobResult> reference)
    {
        var picture = new Multiplot();
        picture.AddPlots(2);
        picture.Layout = new ScottPlot.MultiplotLayouts.Columns();
        DrawPath(picture.GetPlot(0), rosenbrock);
        DrawLoss(picture.GetPlot(1), name, runs, reference);
        picture.SavePng(path, 2 * Width, Height);
    }

    private static void DrawPath(Plot plot, RosenbrockPath? path)
    {
        foreach (double level in (double[])[0.3, 2, 10, 50, 200, 800])
        {
            DrawLevel(plot, level);
        }

        var target = plot.Add.Marker(1, 1, MarkerShape.FilledCircle, 8, Colors.Black);
        target.LegendText = "minimum";
        if (path is not null)
        {
            // Every step near the start, fewer later: the picture stays small.
            (double X, double Y)[] points = [.. path.Points.Where(static (_, index) => index < 60 || index % 5 == 0)];
            var line = plot.Add.ScatterLine(points.Select(static p => p.X).ToArray(), points.Select(static p => p.Y).ToArray(), Color.FromHex("#1f77b4"));
            line.LegendText = $"γ = {path.Rate:G2}, {path.Points.Length - 1} steps to {path.Value:G2}";
        }

        plot.Axes.SetLimits(Left, Right, Bottom, Top);
        plot.Title("Rosenbrock's valley");
        plot.XLabel("x");
        plot.YLabel("y");
        plot.ShowLegend(Alignment.UpperRight);
    }

    // f = c is y = x² ± √((c − (1 − x)²)/100).
    private static void DrawLevel(Plot plot, double level)
    {
        double reach = Math.Sqrt(level);
        double[] xs = [.. Enumerable.Range(0, 81).Select(i => Math.Max(Left, 1 - reach) + (i / 80.0 * (Math.Min(Right, 1 + reach) - Math.Max(Left, 1 - reach))))];
        foreach (int sign in (int[])[1, -1])
        {
            double[] ys = [.. xs.Select(x => (x * x) + (sign * Math.Sqrt(Math.Max(0, level - ((1 - x) * (1 - x))) / 100)))];
            plot.Add.ScatterLine(xs, ys, Color.FromHex("#c8c8c8"));
        }
    }

    private static void DrawLoss(Plot plot, string name, IReadOnlyList<JobResult> runs, IReadOnlyList<JobResult> reference)
    {
        Draw(plot, reference, "adamw", "#9a9a9a");
        if (!ReferenceEquals(runs, reference))
        {
            Draw(plot, runs, name, "#1f77b4");
        }

        plot.Title("A GPT of 0.4 M parameters, three seeds");
        plot.XLabel("step");
        plot.YLabel("held-out loss, nats a byte");
        plot.ShowLegend(Alignment.UpperRight);
    }

    private static void Draw(Plot plot, IReadOnlyList<JobResult> runs, string name, string color)
    {
        bool first = true;
        foreach (JobResult run in runs)
        {
            var line = plot.Add.ScatterLine(
                run.Curve.Select(static point => (double)point.Step).ToArray(), run.Curve.Select(static point => point.Loss).ToArray(), Color.FromHex(color));
            line.LineWidth = 1.5f;
            line.LegendText = first ? name : "";
            first = false;
        }
    }
}
