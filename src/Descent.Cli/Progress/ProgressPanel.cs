using Descent.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Descent.Cli.Progress;

/// <summary>Draws where a run stands as a panel that fits the terminal.</summary>
internal static class ProgressPanel
{
    private const int LabelWidth = 14;
    private const int WidestSparkline = 60;

    private static readonly Style Label = new(Color.Grey);
    private static readonly Style Figure = Style.Plain;
    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Accent = new(Color.DodgerBlue1);
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Bad = new(Color.Red);

    /// <summary>The panel for a terminal of <paramref name="width"/> columns.</summary>
    public static IRenderable Draw(ProgressState state, int width, bool unicode)
    {
        // Two columns stay free, so that a ^C echoed behind the panel doesn't wrap and scroll it; border and padding take four.
        int outer = Math.Max(24, width - 2);
        int inner = outer - 4;
        List<IRenderable> rows = [.. Bar(state, inner, unicode), Loss(state, inner, unicode)];
        if (state.Validation is { } validation)
        {
            rows.Add(Validation(state, validation, unicode));
        }

        rows.Add(Facts(state, inner));
        return new Panel(new Rows(rows))
        {
            Header = new PanelHeader($" {Markup.Escape(Fit(state.Start.Model, outer - 8))} "),
            Border = unicode ? BoxBorder.Rounded : BoxBorder.Ascii,
            BorderStyle = Label,
            Width = outer,
        };
    }

    private static IEnumerable<IRenderable> Bar(ProgressState state, int inner, bool unicode)
    {
        if (state.Done is not { } done)
        {
            yield break;
        }

        string share = $" {Math.Floor(100 * done),3:0} %";
        int length = inner - share.Length;
        int filled = (int)Math.Round(done * length);
        yield return new Paragraph()
            .Append(new string(unicode ? '━' : '#', filled), Accent)
            .Append(new string(unicode ? '─' : '-', length - filled), Label)
            .Append(share, Strong);
    }

    private static Paragraph Loss(ProgressState state, int inner, bool unicode)
    {
        string value = double.IsNaN(state.Loss) && state.Step is null ? "…" : Figures.Number(state.Loss);
        (string arrow, Style style) = state.Trend switch
        {
            < 0 => (unicode ? "↓" : "falling", Good),
            > 0 => (unicode ? "↑" : "rising", Bad),
            _ => (unicode ? "→" : "level", Label),
        };
        var line = new Paragraph().Append("loss".PadRight(LabelWidth), Label).Append(value.PadRight(10), Strong).Append(arrow + "  ", style);
        int room = Math.Min(WidestSparkline, inner - LabelWidth - 10 - 3);
        return unicode ? line.Append(Sparkline.Draw(state.History, room), Accent) : line;
    }

    private static Paragraph Validation(ProgressState state, ValidationReport validation, bool unicode)
    {
        string star = unicode ? "★ " : "";
        var line = new Paragraph().Append("validation".PadRight(LabelWidth), Label).Append(RunText.Metrics(validation), Strong);
        if (validation.IsBest)
        {
            return line.Append($"  {star}best", Good);
        }

        return state.Best?.Metrics.TryGetValue(state.Start.Metric, out double best) == true
            ? line.Append($"  {star}best {RunText.Short(state.Start.Metric)} {Figures.Number(best)} at step {Figures.Whole(state.Best.Step)}", Label)
            : line;
    }

    private static Grid Facts(ProgressState state, int inner)
    {
        (string Name, string Value)[] facts = [.. FactsOf(state)];
        int pairs = inner switch { >= 130 => 4, >= 64 => 2, _ => 1 };
        var grid = new Grid();
        for (int i = 0; i < pairs; i++)
        {
            grid.AddColumn(new GridColumn { Width = LabelWidth, Padding = new Padding(0, 0, 0, 0), NoWrap = true });
            grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 3, 0), NoWrap = true });
        }

        foreach ((string Name, string Value)[] row in facts.Chunk(pairs))
        {
            grid.AddRow([.. row.SelectMany(fact => new IRenderable[] { new Text(fact.Name, Label), new Text(fact.Value, Figure) })]);
        }

        return grid;
    }

    private static IEnumerable<(string Name, string Value)> FactsOf(ProgressState state)
    {
        StepReport? step = state.Step;
        string total = state.Start.TotalSteps is { } steps ? " / " + Figures.Whole(steps) : "";
        yield return ("step", Figures.Whole(step?.Step ?? state.Start.Step) + total);
        yield return ("elapsed", Shown(step, s => Figures.Duration(s.Seconds)));
        yield return ("epoch", Shown(step, s => Figures.Epoch(s.Epoch)));
        yield return ("left", step?.SecondsLeft is { } left ? Figures.Duration(left) : "…");
        yield return ("rate", Shown(step, s => Figures.Rate(s.LearningRate)));
        yield return (state.Start.Unit + "/s", Shown(step, s => Figures.Throughput(s.Throughput)));
        yield return ("gradient norm", Shown(step, s => Figures.Number(s.GradientNorm)));
        yield return ("memory", Shown(step, s => $"{Figures.Bytes(s.Memory)}, peak {Figures.Bytes(s.PeakMemory)}"));
        if (state.Checkpoint is { } checkpoint)
        {
            yield return ("checkpoint", $"step {Figures.Whole(checkpoint)}");
        }
    }

    private static string Shown(StepReport? step, Func<StepReport, string> value) => step is null ? "…" : value(step);

    private static string Fit(string text, int width) => text.Length <= width ? text : string.Concat(text.AsSpan(0, Math.Max(0, width - 1)), "…");
}
