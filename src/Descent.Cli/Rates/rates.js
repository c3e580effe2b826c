"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const stored = { get: () => { try { return localStorage.getItem("descent-theme"); } catch { return null; } } };
  root.dataset.theme = stored.get() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();

  // A loss that runs away must not press the rest of the curve flat.
  const least = Math.min(...data.smoothed), before = data.smoothed.slice(0, data.smoothed.indexOf(least) + 1);
  const top = Math.max(...before) + 0.25 * (Math.max(...before) - least || 1);
  const lines = [["steepest", data.steepest, "run-1"], ["minimum ÷ 10", data.tenthOfMinimum, "run-2"]].filter(([, rate]) => rate !== null);
  const axis = { gridcolor: color("faint"), linecolor: color("faint"), zerolinecolor: color("faint"), automargin: true };
  Plotly.newPlot("curve", [
    { x: data.rates, y: data.losses, name: "each step", type: "scatter", mode: "lines", line: { color: color("run-0"), width: 1 }, opacity: 0.3 },
    { x: data.rates, y: data.smoothed, name: "smoothed", type: "scatter", mode: "lines", line: { color: color("run-0"), width: 2.5 } },
  ], {
    margin: { l: 52, r: 12, t: 30, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("soft") }, hovermode: "x unified",
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    hoverlabel: { bgcolor: color("card"), bordercolor: color("faint"), font: { color: color("ink") } },
    xaxis: { ...axis, type: "log", exponentformat: "e", title: { text: "learning rate" } }, yaxis: { ...axis, range: [least - 0.1 * (top - least), top] },
    shapes: lines.map(([, rate, ink]) => ({ type: "line", x0: rate, x1: rate, yref: "paper", y0: 0, y1: 1, line: { color: color(ink), width: 1.5, dash: "dash" } })),
    annotations: lines.map(([name, rate, ink], number) => ({ x: Math.log10(rate), yref: "paper", y: 0.98 - 0.08 * number, text: name, showarrow: false, xanchor: "left", xshift: 4, font: { color: color(ink) } })),
  }, { responsive: true, displayModeBar: false });
})();
