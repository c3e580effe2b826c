"use strict";
const charts = [["history", drawHistory], ["importance", drawImportance], ["pareto", drawPareto], ["surface", drawSurface], ["parallel", drawParallel], ["slices", drawSlices], ["curves", drawCurves], ["timeline", drawTimeline]];
const drawAll = () => charts.forEach(([id, draw]) => { if (document.getElementById(id)) { draw(); } });

function chooseScale() {
  // A scale for orders of magnitude, where the usual values span some.
  const known = values().filter(value => value !== null).sort((a, b) => a - b);
  view.log = known.length > 4 && known[0] > 0 && known[Math.round(0.9 * (known.length - 1))] / known[0] > 30;
  document.getElementById("log")?.setAttribute("aria-pressed", view.log);
}

async function start() {
  if (count === 0) { return; }
  drawTrials();
  try {
    await unpackLibrary();
  } catch {
    document.querySelectorAll(".plot").forEach(frame => { frame.textContent = "The charts need a browser of 2023 or later."; });
    return;
  }

  chooseScale();
  drawAll();
  drawTrials();
  const redraw = theme => { root.dataset.theme = theme; drawAll(); };
  prefersDark.addEventListener("change", change => { if (!stored.get()) { redraw(change.matches ? "dark" : "light"); } });
  document.getElementById("theme").addEventListener("click", () => {
    const theme = root.dataset.theme === "dark" ? "light" : "dark";
    stored.set(theme);
    redraw(theme);
  });
  document.getElementById("reset").addEventListener("click", () => { view.brush.clear(); charts.forEach(([id]) => document.getElementById(id)?.classList.contains("js-plotly-plot") && Plotly.purge(id)); drawAll(); drawTrials(); });
  document.getElementById("log").addEventListener("click", () => {
    view.log = !view.log;
    document.getElementById("log").setAttribute("aria-pressed", view.log);
    drawAll();
  });
  document.getElementById("objective")?.addEventListener("change", change => {
    view.objective = Number(change.target.value);
    view.brush.clear();
    chooseScale();
    drawAll();
    drawTrials();
  });
  document.getElementById("unbrush")?.addEventListener("click", () => { view.brush.clear(); drawParallel(); drawTrials(); });
  document.getElementById("more").addEventListener("click", () => { table.shown += 200; drawTrials(); });
  for (const button of document.querySelectorAll("[data-state]")) {
    button.addEventListener("click", () => {
      const state = Number(button.dataset.state);
      table.states[table.states.has(state) ? "delete" : "add"](state);
      button.setAttribute("aria-pressed", table.states.has(state));
      drawTrials();
    });
  }
  let waiting = 0;
  addEventListener("resize", () => { clearTimeout(waiting); waiting = setTimeout(() => { if (document.getElementById("parallel")) { drawParallel(); } }, 150); });
  document.querySelector(".controls").hidden = false;
}

start();
