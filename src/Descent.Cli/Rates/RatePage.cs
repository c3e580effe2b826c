using System.Text.Json;
using Descent.Cli.Report;
using Descent.Training.Probing;

namespace Descent.Cli.Rates;

/// <summary>The page about a range test: the curve, the suggestions, the noise scale. It loads nothing.</summary>
internal static class RatePage
{
    /// <summary>The page.</summary>
    /// <param name="name">What was tested.</param>
    /// <param name="curve">The range test.</param>
    /// <param name="noise">What is said of the noise scale, a line each.</param>
    public static string Render(string name, RateCurve curve, IReadOnlyList<string> noise) => Page.Fill(new()
    {
        ["title"] = Html.Of($"{name} · Descent").Markup,
        ["command"] = "descent find-lr",
        ["body"] = Html.Of($"""
            <section>
            <h1>{name}</h1>
            <p class="lines"><b>Learning-rate range test</b></p>
            {Html.Join(RateText.Lines(curve).Concat(noise).Select(static line => Html.Of($"<p class=\"lines\">{line}</p>\n")))}
            </section>
            <section class="charts"><article class="card wide"><header><h2>Loss <small>over the learning rate; drag to zoom, double-click to go back</small></h2></header><div class="plot" id="curve"></div></article></section>
            """).Markup,
        ["data"] = Data(curve),
        ["script"] = Page.Resource("rates.js").TrimEnd(),
    });

    private static string Data(RateCurve curve) => JsonSerializer.Serialize(
        new RatePageData(
            curve.Rates,
            [.. curve.Losses.Select(static loss => (double?)loss)],
            [.. curve.Smoothed.Select(static loss => (double?)loss)],
            curve.Steepest,
            curve.TenthOfMinimum),
        RateJson.Default.RatePageData);
}
