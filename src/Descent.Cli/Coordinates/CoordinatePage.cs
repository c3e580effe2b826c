using System.Text.Json;
using Descent.Cli.Report;
using Descent.Training.Parametrization;

namespace Descent.Cli.Coordinates;

/// <summary>The page about a coordinate check: size and change of every segment's output over the width, standard parametrization beside muP. It loads nothing.</summary>
internal static class CoordinatePage
{
    /// <summary>The page.</summary>
    /// <param name="name">What was checked.</param>
    /// <param name="table">The check.</param>
    public static string Render(string name, CoordinateTable table) => Page.Fill(new()
    {
        ["title"] = Html.Of($"{name} · Descent").Markup,
        ["command"] = "descent coordinate-check",
        ["body"] = Html.Of($"""
            <section>
            <h1>{name}</h1>
            <p class="lines"><b>Coordinate check</b>, {Figures.Of(table.Options.Steps, "step")}, {Figures.Of(table.Options.Seeds, "seed")}: means over a batch, what training changed beside the size</p>
            {Html.Join(CoordinateText.Verdicts(table).Select(static line => Html.Of($"<p class=\"lines\">{line}</p>\n")))}
            </section>
            <section class="charts">
            {Card("size-standard", "Standard parametrization: mean |x|", table)}
            {Card("size-mup", "muP: mean |x|", table)}
            {Card("change-standard", "Standard parametrization: change |x − x₀|", table)}
            {Card("change-mup", "muP: change |x − x₀|", table)}
            </section>
            <section class="card scroll"><table><thead><tr><th>slope over width</th><th>standard: size</th><th>change</th><th>muP: size</th><th>change</th></tr></thead><tbody>
            {Html.Join(table.Of(ParametrizationKind.Standard).Zip(table.Of(ParametrizationKind.Mup)).Select(pair => Row(pair.First, pair.Second, table.Options.Steps)))}
            </tbody></table></section>
            """).Markup,
        ["data"] = JsonSerializer.Serialize(CoordinateData.Of(table), CoordinateJson.Default.CoordinateData),
        ["script"] = Page.Resource("coordinates.js").TrimEnd(),
    });

    private static Html Card(string id, string title, CoordinateTable table) => Html.Of(
        $"<article class=\"card\" style=\"grid-column:auto\"><header><h2>{title} <small>over the width; bold: after {Figures.Of(table.Options.Steps, "step")}</small></h2></header><div class=\"plot\" id=\"{id}\"></div></article>\n");

    private static Html Row(CoordinateCurve standard, CoordinateCurve mup, int step) => Html.Of(
        $"<tr><td>{standard.Segment}</td><td>{CoordinateText.Slope(standard.SizeSlope(step))}</td><td>{CoordinateText.Slope(standard.ChangeSlope(step))}</td><td>{CoordinateText.Slope(mup.SizeSlope(step))}</td><td>{CoordinateText.Slope(mup.ChangeSlope(step))}</td></tr>\n");
}
