"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const several = data.runs.length > 1;
  const most = Math.max(0, ...data.panels.flatMap(panel => panel.traces.map(trace => trace.y.length)));
  const state = { axis: "step", smoothing: most > 300 ? 0.95 : most > 60 ? 0.8 : 0, hidden: new Set(), log: new Map(data.panels.map(p => [p.id, p.log])) };
  const plots = data.panels.map(panel => ({ panel, element: document.getElementById(panel.id) }));

  // A page from a file may not have storage; the theme is then chosen anew each time.
  const stored = { get: () => { try { return localStorage.getItem("descent-theme"); } catch { return null; } },
                   set: value => { try { localStorage.setItem("descent-theme", value); } catch { /* not kept */ } } };
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  root.dataset.theme = stored.get() ?? (prefersDark.matches ? "dark" : "light");
  prefersDark.addEventListener("change", change => { if (!stored.get()) { setTheme(change.matches ? "dark" : "light"); } });

  const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  // The library reads some markup in names; a run may be called anything.
  const plain = text => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

  // Exponential moving average, with Adam's correction for its start at zero; a gap stays a gap.
  function trailing(values, weight) {
    let mean = 0, correction = 1;
    return values.map(value => {
      if (value === null) { return null; }
      mean = weight * mean + (1 - weight) * value;
      correction *= weight;
      return mean / (1 - correction);
    });
  }

  // From both ends, so that a falling curve isn't drawn above its own points.
  function smooth(values, weight) {
    const forward = trailing(values, weight), backward = trailing(values.toReversed(), weight).reverse();
    return values.map((value, i) => value === null ? null : (forward[i] + backward[i]) / 2);
  }

  function curves(panel) {
    const numbers = new Map();
    const dashes = ["solid", "dash", "dot", "dashdot"];
    return panel.traces.flatMap(trace => {
      const isRaw = trace.style === "Raw";
      if (!numbers.has(trace.name) && !isRaw) { numbers.set(trace.name, numbers.size); }
      const number = isRaw ? 0 : numbers.get(trace.name);
      const ink = color("run-" + (several ? trace.run : number) % 8);
      const isPoints = trace.style === "Points";
      const y = trace.style === "Smooth" ? smooth(trace.y, state.smoothing) : trace.y;
      const x = trace[state.axis];
      const shared = { visible: !state.hidden.has(trace.run), x, legendgroup: trace.run + trace.name, connectgaps: false };
      const curve = {
        ...shared, y, type: "scatter", mode: isPoints ? "lines+markers" : "lines",
        name: plain(several ? data.runs[trace.run] + " · " + trace.name : trace.name),
        line: { color: ink, width: isRaw ? 1 : 2, dash: isPoints && several ? "dot" : trace.style === "Dashed" ? "dash" : several && !isRaw ? dashes[number % 4] : "solid" },
        marker: { color: ink, size: x.length > 80 ? 4 : 6 },
        opacity: isRaw ? 0.28 : 1, hoverinfo: isRaw ? "skip" : undefined, hovertemplate: isPoints ? "%{y}" : undefined, showlegend: !isRaw,
      };
      const best = trace.best === undefined ? [] : [{
        ...shared, x: [x[trace.best]], y: [y[trace.best]], type: "scatter", mode: several ? "markers" : "markers+text", text: ["best"], textposition: "top center",
        textfont: { color: ink }, cliponaxis: false, marker: { symbol: "star", size: 15, color: ink, line: { color: color("card"), width: 1.5 } }, hoverinfo: "skip", showlegend: false,
      }];
      return [curve, ...best];
    });
  }

  // All charts span the same steps, or the same time, whatever each of them has.
  function span() {
    const ends = data.panels.flatMap(panel => panel.traces.map(trace => trace[state.axis].at(-1)));
    const last = Math.max(1e-9, ...ends);
    return [-0.02 * last, 1.02 * last];
  }

  function layout(panel, traces) {
    const axis = { gridcolor: color("faint"), linecolor: color("faint"), zerolinecolor: color("faint"), tickcolor: color("faint"), automargin: true };
    const legend = !several && traces.filter(trace => trace.showlegend).length > 1;
    return {
      margin: { l: 52, r: 12, t: legend ? 30 : 10, b: 34 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("soft") },
      hovermode: "x unified", dragmode: "zoom", showlegend: legend, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      hoverlabel: { bgcolor: color("card"), bordercolor: color("faint"), font: { color: color("ink"), size: 12 }, namelength: 40 },
      xaxis: { ...axis, range: span(), zeroline: false, showspikes: true, spikemode: "across", spikethickness: 1, spikedash: "dot", spikecolor: color("soft"), spikesnap: "hovered data",
               unifiedhovertitle: { text: state.axis === "step" ? "step %{x:,d}" : "%{x:.4~g} " + data.timeUnit } },
      yaxis: { ...axis, type: state.log.get(panel.id) ? "log" : "linear", hoverformat: panel.unit === "" || panel.id === "norm" ? ".4~g" : ",.4~r", exponentformat: panel.id === "rate" ? "e" : "none",
               separatethousands: true, rangemode: ["throughput", "memory", "rate"].includes(panel.id) ? "tozero" : "normal" },
      uirevision: state.axis + state.log.get(panel.id),
    };
  }

  function draw({ panel, element }) {
    const traces = curves(panel);
    return Plotly.react(element, traces, layout(panel, traces), { responsive: true, displayModeBar: false, doubleClick: "reset" });
  }
  const drawAll = () => plots.forEach(draw);

  function setTheme(theme) {
    root.dataset.theme = theme;
    drawAll();
  }

  // Zooming one chart along the steps zooms them all, and the read-out follows in all of them.
  let following = false;
  function follow(source, change) {
    if (following) { return; }
    const range = "xaxis.range[0]" in change ? { "xaxis.range": [change["xaxis.range[0]"], change["xaxis.range[1]"]] } : null;
    if (range === null) { return; }
    following = true;
    Promise.all(plots.filter(plot => plot.element !== source).map(plot => Plotly.relayout(plot.element, range))).finally(() => { following = false; });
  }

  drawAll();
  for (const { panel, element } of plots) {
    element.on("plotly_relayout", change => follow(element, change));
    element.on("plotly_hover", event => {
      for (const other of plots) {
        if (other.element !== element && event.xvals) { Plotly.Fx.hover(other.element, { xval: event.xvals[0] }, "xy", true); }
      }
    });
    element.on("plotly_unhover", () => plots.forEach(other => { if (other.element !== element) { Plotly.Fx.unhover(other.element); } }));
    const toggle = document.querySelector(`[data-log="${panel.id}"]`);
    toggle.setAttribute("aria-pressed", panel.log);
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      state.log.set(panel.id, !state.log.get(panel.id));
      toggle.setAttribute("aria-pressed", state.log.get(panel.id));
      draw({ panel, element });
    });
  }

  const slider = document.getElementById("smoothing");
  slider.value = state.smoothing;
  slider.addEventListener("input", () => { state.smoothing = Number(slider.value); drawAll(); });
  document.getElementById("theme").addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    stored.set(theme);
    setTheme(theme);
  });
  document.getElementById("reset").addEventListener("click", () =>
    plots.forEach(plot => Plotly.relayout(plot.element, { "xaxis.range": span(), "yaxis.autorange": true })));
  for (const button of document.querySelectorAll("[data-axis]")) {
    button.addEventListener("click", () => {
      state.axis = button.dataset.axis;
      document.querySelectorAll("[data-axis]").forEach(other => other.setAttribute("aria-pressed", other === button));
      drawAll();
    });
  }
  for (const box of document.querySelectorAll("[data-run]")) {
    box.addEventListener("change", () => {
      state.hidden[box.checked ? "delete" : "add"](Number(box.dataset.run));
      drawAll();
    });
  }
  document.querySelector(".controls").hidden = false;
})();
