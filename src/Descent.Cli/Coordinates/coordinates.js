"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const stored = { get: () => { try { return localStorage.getItem("descent-theme"); } catch { return null; } } };
  root.dataset.theme = stored.get() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const segments = [...new Set(data.curves.map(curve => curve.segment))];
  const axis = { gridcolor: color("faint"), linecolor: color("faint"), zerolinecolor: color("faint"), automargin: true, type: "log" };

  // Both parametrizations on one scale: a slope shows only beside one that has none.
  for (const quantity of ["sizes", "changes"]) {
    const values = data.curves.flatMap(curve => curve[quantity].flat()).filter(value => value > 0 && Number.isFinite(value)).map(Math.log10);
    const [low, high] = [Math.min(...values), Math.max(...values)], margin = 0.06 * (high - low || 1);
    for (const parametrization of ["standard", "mup"]) {
      const traces = data.curves.filter(curve => curve.parametrization === parametrization).flatMap(curve => {
        const ink = color("run-" + segments.indexOf(curve.segment) % 8);
        return curve[quantity].map((row, step) => ({
          x: data.widths, y: row.map(value => value > 0 ? value : null), name: curve.segment, legendgroup: curve.segment, showlegend: step === data.steps, type: "scatter", mode: step === data.steps ? "lines+markers" : "lines",
          line: { color: ink, width: step === data.steps ? 2.5 : 1 }, opacity: step === data.steps ? 1 : 0.2 + 0.3 * step / data.steps, hovertemplate: "step " + step + ": %{y:.3g}<extra>" + curve.segment + "</extra>",
        })).filter(trace => trace.y.some(value => value !== null));
      });
      Plotly.newPlot(quantity.slice(0, -1) + "-" + parametrization, traces, {
        margin: { l: 52, r: 12, t: 30, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("soft") },
        legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
        hoverlabel: { bgcolor: color("card"), bordercolor: color("faint"), font: { color: color("ink") } },
        xaxis: { ...axis, tickvals: data.widths, title: { text: "width" } }, yaxis: { ...axis, range: [low - margin, high + margin], exponentformat: "e" },
      }, { responsive: true, displayModeBar: false });
    }
  }
})();
