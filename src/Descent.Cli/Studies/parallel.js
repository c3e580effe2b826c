"use strict";
// Parallel coordinates as lines of the library's scatter chart: its own need WebGL, which machines without a card lack, and a policy that lets scripts make scripts.
const Away = -0.14, Margin = { l: 60, r: 60, t: 34, b: 12 }, MostAxes = 12, Shades = 10;

function parallelAxes() {
  const found = data.importance[view.objective], share = p => found?.main.find(one => one.names[0] === data.parameters[p].name)?.share[0] ?? 0;
  const kept = new Set(range(data.parameters.length).sort((a, b) => share(b) - share(a) || a - b).slice(0, MostAxes));
  const parameters = range(data.parameters.length).filter(p => kept.has(p)).map(p => {
    const { choices, low, high, log, name } = data.parameters[p];
    const ticks = choices ? (choices.length <= 12 ? choices.map((choice, i) => [place(p, i), choice.length > 14 ? choice.slice(0, 13) + "…" : choice]) : [[place(p, 0), choices[0]], [place(p, choices.length - 1), choices.at(-1)]])
      : high === low ? [[0.5, figure(low)]] : [0, 0.25, 0.5, 0.75, 1].map(at => [at, figure(log ? low * (high / low) ** at : low + at * (high - low))].map((x, i) => i ? tick(x) : x));
    return { key: "p" + p, name, title: brief(p), at: t => place(p, trials.parameters[p][t]), ticks };
  });
  const known = values(), present = known.filter(value => value !== null), { cut } = cutOf(known);
  const best = present.reduce((a, b) => loss(a) < loss(b) ? a : b), worst = cut ?? present.reduce((a, b) => loss(a) > loss(b) ? a : b);
  const at = value => best === worst ? 0.5 : clamp(1 - (value - best) / (worst - best), 0, 1);
  return [...parameters, { key: "v", name: objective().name, title: objective().name.split("/").at(-1), at: t => at(known[t]),
                           ticks: best === worst ? [[0.5, figure(best)]] : [0, 0.25, 0.5, 0.75, 1].map(part => [part, (cut !== null && part === 0 ? (objective().lower ? "≥ " : "≤ ") : "") + figure(best + (1 - part) * (worst - best))]) }];
}

const tick = text => text.length > 8 && !text.includes("e") ? Number(Number(text.replaceAll(",", "")).toPrecision(3)).toLocaleString("en") : text.replace(/(\.\d)\d+e/, "$1e").replace(".0e", "e");
const isBrushed = (t, axes) => axes.every(one => !view.brush.has(one.key) || (([low, high]) => { const at = one.at(t) ?? Away; return at >= low && at <= high; })(view.brush.get(one.key)));

function brushedTrials() {
  if (view.brush.size === 0) { return null; }
  const axes = parallelAxes(), known = values();
  return new Set(range(count).filter(t => known[t] !== null && isBrushed(t, axes)));
}

function drawParallel() {
  const element = document.getElementById("parallel");
  if (!element) { return; }
  const known = values(), { order, rank } = ranking();
  if (order.length === 0) { return nothing("parallel", "No trial has a value of this objective."); }
  const axes = parallelAxes(), drawn = data.lines.filter(t => known[t] !== null), isAway = data.parameters.some(parameter => parameter.condition);
  const groups = range(Shades + 1).map(() => []);
  for (const t of drawn) { groups[isBrushed(t, axes) ? 1 + Math.min(Shades - 1, Math.floor(rank.get(t) * Shades)) : 0].push(t); }
  const lines = (list, ink, more) => ({
    type: "scatter", x: list.flatMap(() => [...range(axes.length), null]), y: list.flatMap(t => [...axes.map(one => one.at(t) ?? Away), null]),
    text: list.flatMap(t => { const text = about(t); return [...axes.map(() => text), ""]; }), hovertemplate: "%{text}<extra></extra>", mode: "lines", line: { color: ink, width: drawn.length > 200 ? 1 : 1.5 }, connectgaps: false, ...more,
  });
  const traces = [lines(groups[0], color("faint"), { hoverinfo: "skip", hovertemplate: undefined, opacity: 0.7 })];
  // The worst first: the best lie on top.
  for (let shadeOf = Shades; shadeOf >= 1; shadeOf--) { traces.push(lines(groups[shadeOf], shade((shadeOf - 0.5) / Shades), { opacity: drawn.length > 300 ? 0.55 : 0.8 })); }
  const best = order.find(t => isBrushed(t, axes));
  if (best !== undefined) { traces.push(lines([best], color("run-1"), { line: { color: color("run-1"), width: 3 } })); }

  const span = [isAway ? -0.2 : -0.05, 1.05];
  const labels = axes.flatMap((one, i) => [
    { x: i, y: 1, yref: "paper", yanchor: "bottom", yshift: 6, text: `<b>${plain(one.title.length > 18 ? one.title.slice(0, 17) + "…" : one.title)}</b>`, hovertext: plain(one.name), font: { color: color("ink") }, showarrow: false },
    ...[...one.ticks, ...(isAway && one.key !== "v" && data.parameters[Number(one.key.slice(1))].condition ? [[Away, "not there"]] : [])].map(([at, text]) => ({ x: i, y: at, text: plain(text), showarrow: false, xanchor: i === axes.length - 1 ? "left" : "right", xshift: i === axes.length - 1 ? 5 : -5, font: { size: 11, color: color("soft") }, bgcolor: color("card"), opacity: 0.9, borderpad: 0 })),
  ]);
  plot("parallel", traces, {
    margin: Margin, xaxis: { range: [-0.02, axes.length - 0.98], visible: false, fixedrange: true }, yaxis: { range: span, visible: false, fixedrange: true }, annotations: labels, dragmode: false,
    shapes: [...axes.map((_, i) => ({ type: "line", x0: i, x1: i, y0: 0, y1: 1, line: { color: color("soft"), width: 1 } })),
             ...axes.flatMap((one, i) => view.brush.has(one.key) ? [{ type: "line", x0: i, x1: i, y0: view.brush.get(one.key)[0], y1: view.brush.get(one.key)[1], line: { color: color("run-1"), width: 7 }, opacity: 0.75 }] : [])],
  });
  const chosen = view.brush.size > 0 ? `${whole(brushedTrials().size)} trials chosen, the table shows them` : "drag along an axis to choose trials, click it to undo";
  note("parallel", [chosen, drawnOf(drawn.length, order.length), axes.length - 1 < data.parameters.length ? `the ${MostAxes} most important of ${data.parameters.length} parameters` : ""].filter(Boolean).join("; "));
  document.getElementById("unbrush").hidden = view.brush.size === 0;
  handles(element, axes, span);
}

// A strip over each axis takes the drags; between them the library reads out the lines.
function handles(element, axes, span) {
  element.querySelectorAll(".brush").forEach(strip => strip.remove());
  const inner = element.clientWidth - Margin.l - Margin.r, tall = element.clientHeight - Margin.t - Margin.b, x0 = -0.02, x1 = axes.length - 0.98;
  const value = y => span[1] - (y - Margin.t) / tall * (span[1] - span[0]);
  axes.forEach((one, i) => {
    const strip = Object.assign(document.createElement("div"), { className: "brush", title: `${one.name}: drag to choose, click to undo` });
    Object.assign(strip.style, { left: `${Margin.l + (i - x0) / (x1 - x0) * inner - 9}px`, top: `${Margin.t}px`, height: `${tall}px` });
    let from = null;
    const y = event => event.clientY - element.getBoundingClientRect().top;
    strip.addEventListener("pointerdown", event => { from = y(event); strip.setPointerCapture(event.pointerId); event.preventDefault(); });
    strip.addEventListener("pointermove", event => {
      if (from === null) { return; }
      const [a, b] = [from, y(event)].sort((s, t) => s - t);
      strip.style.setProperty("--from", `${a - Margin.t}px`);
      strip.style.setProperty("--size", `${b - a}px`);
    });
    strip.addEventListener("pointerup", event => {
      if (from === null) { return; }
      const [low, high] = [value(from), value(y(event))].sort((s, t) => s - t);
      Math.abs(y(event) - from) < 4 ? view.brush.delete(one.key) : view.brush.set(one.key, [low, high]);
      from = null;
      drawParallel();
      drawTrials();
    });
    element.append(strip);
  });
}
