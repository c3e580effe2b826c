"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const state = { axis: "step", hidden: new Set() };

  // A page from a file may not have storage; the theme is then chosen anew each time.
  const stored = { get: () => { try { return localStorage.getItem("descent-theme"); } catch { return null; } },
                   set: value => { try { localStorage.setItem("descent-theme", value); } catch { /* not kept */ } } };
  root.dataset.theme = stored.get() ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const ink = number => color("run-" + number % 8);
  const dash = number => ["solid", "dash", "dot", "dashdot"][Math.floor(number / 8) % 4];
  const veil = text => text.startsWith("#") ? "rgba(" + [1, 3, 5].map(i => parseInt(text.slice(i, i + 2), 16)).join(",") + ",0.16)" : text;
  const shown = data.optimizers.map((entry, number) => ({ entry, number }));
  const visible = () => shown.filter(({ number }) => !state.hidden.has(number));

  function layout(more) {
    const axis = { gridcolor: color("faint"), linecolor: color("faint"), zerolinecolor: color("faint"), tickcolor: color("faint"), automargin: true };
    return {
      margin: { l: 52, r: 12, t: 10, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("soft") },
      hoverlabel: { bgcolor: color("card"), bordercolor: color("faint"), font: { color: color("ink"), size: 12 }, namelength: 40 },
      ...more, xaxis: { ...axis, zeroline: false, ...more.xaxis }, yaxis: { ...axis, zeroline: false, hoverformat: ".4~g", ...more.yaxis },
    };
  }

  // The first points are of untrained models, and one that diverges ends high: neither may press the rest flat.
  function range() {
    const values = visible().flatMap(({ entry }) => entry.curve.mean.slice(Math.ceil(entry.curve.mean.length / 4))).sort((a, b) => a - b);
    if (values.length === 0) { return undefined; }
    const low = values[Math.floor(0.02 * (values.length - 1))], high = values[Math.ceil(0.9 * (values.length - 1))], more = 0.12 * (high - low || Math.abs(low) || 1);
    return [low - more, high + more];
  }

  function drawCurves() {
    const traces = visible().flatMap(({ entry, number }) => {
      const x = entry.curve[state.axis], { mean, halfWidth } = entry.curve;
      const band = { x: [...x, ...x.toReversed()], y: [...mean.map((y, i) => y + halfWidth[i]), ...mean.map((y, i) => y - halfWidth[i]).reverse()],
                     type: "scatter", mode: "none", fill: "toself", fillcolor: veil(ink(number)), hoverinfo: "skip" };
      return [band, { x, y: mean, name: entry.name, type: "scatter", mode: "lines+markers", line: { color: ink(number), width: 2, dash: dash(number) }, marker: { size: 4 }, hovertemplate: "%{y}" }];
    });
    const target = data.target === null ? [] : [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: data.target, y1: data.target, line: { color: color("soft"), width: 1, dash: "dash" } }];
    Plotly.react("curves", traces, layout({
      hovermode: "x unified", shapes: target, xaxis: { title: { text: state.axis === "step" ? "steps" : "seconds of training" } }, yaxis: { range: range() }, uirevision: state.axis + state.hidden.size,
      annotations: target.map(line => ({ xref: "paper", x: 1, y: line.y0, text: "target", showarrow: false, xanchor: "right", yanchor: "bottom" })),
    }), { responsive: true, displayModeBar: false, doubleClick: "reset" });
  }

  function drawEnds() {
    const rows = visible().filter(({ entry }) => entry.mean !== null).reverse();
    const traces = rows.flatMap(({ entry, number }) => [
      { x: entry.ends, y: entry.ends.map(() => entry.name), type: "scatter", mode: "markers", marker: { color: ink(number), size: 6, opacity: 0.45 }, hovertemplate: "%{x}<extra></extra>" },
      { x: [entry.mean], y: [entry.name], error_x: { type: "data", array: [entry.halfWidth ?? 0], color: ink(number), thickness: 2 }, type: "scatter", mode: "markers",
        marker: { color: ink(number), size: 10, symbol: "diamond" }, hovertemplate: "%{x} (mean)<extra></extra>" },
    ]);
    Plotly.react("ends", traces, layout({ hovermode: "closest", xaxis: { title: { text: data.metric }, hoverformat: ".4~g" }, yaxis: { type: "category" } }), { responsive: true, displayModeBar: false });
  }

  function drawSearches() {
    const values = visible().flatMap(({ entry }) => entry.trials.map(trial => trial.value)).filter(value => value !== null).sort((a, b) => a - b);
    const low = values[0] ?? 0, high = values[Math.ceil(0.9 * (values.length - 1))] ?? 1, more = 0.1 * (high - low || 1);
    const traces = visible().map(({ entry, number }) => {
      const trials = entry.trials.toSorted((a, b) => a.rate - b.rate);
      return { x: trials.map(trial => trial.rate), y: trials.map(trial => trial.value ?? high + more), name: entry.name, type: "scatter", mode: "lines+markers",
               line: { color: ink(number), width: 1, dash: "dot" }, hovertemplate: "%{fullData.name}: %{x:.3~g} → %{y:.4~g}<extra></extra>",
               marker: { color: ink(number), size: 7, symbol: trials.map(trial => trial.value === null ? "x" : trial.pruned ? "circle-open" : "circle") } };
    });
    Plotly.react("searches", traces, layout({ hovermode: "closest", xaxis: { type: "log", exponentformat: "e", title: { text: "learning rate" } }, yaxis: { range: [low - more, high + 2 * more] } }),
      { responsive: true, displayModeBar: false });
  }

  const draw = () => { drawCurves(); drawEnds(); drawSearches(); };
  draw();
  document.querySelector(".controls .slider").remove();
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    stored.set(root.dataset.theme);
    draw();
  });
  document.getElementById("reset").addEventListener("click", draw);
  for (const button of document.querySelectorAll("[data-axis]")) {
    button.addEventListener("click", () => {
      state.axis = button.dataset.axis;
      document.querySelectorAll("[data-axis]").forEach(other => other.setAttribute("aria-pressed", other === button));
      drawCurves();
    });
  }
  for (const box of document.querySelectorAll("[data-run]")) {
    box.addEventListener("change", () => {
      state.hidden[box.checked ? "delete" : "add"](Number(box.dataset.run));
      draw();
    });
  }
  document.querySelector(".controls").hidden = false;
})();
