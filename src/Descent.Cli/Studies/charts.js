"use strict";
function drawHistory() {
  const known = values(), drawn = data.points, { axis: y, beyond, cut: edge } = valueAxis(known);
  // What lies outside stands at the edge.
  const isOut = value => edge !== null && loss(value) > loss(edge);
  const ends = drawn.filter(t => known[t] !== null), cut = drawn.filter(t => trials.state[t] === pruned && trials.reached[t] !== null);
  const broken = new Set(trials.broken);
  const best = { x: [], y: [] };
  let so = null;
  known.forEach((value, t) => {
    if (value !== null && !broken.has(t) && (so === null || loss(value) < loss(so))) { so = value; best.x.push(t); best.y.push(value); }
  });
  if (so !== null) { best.x.push(count - 1); best.y.push(so); }
  const fell = range(count).filter(t => trials.state[t] === failed);
  const markers = (list, name, marker, heights) => ({ x: list, y: list.map(t => heights[t]), type: "scatter", mode: "markers", name, marker, text: list.map(about), hovertemplate: "%{text}<extra></extra>" });
  plot("history", [
    markers(cut.filter(t => !isOut(trials.reached[t])), "pruned, best that it reported", { symbol: "x-thin", size: 6, line: { color: color("soft"), width: 1.2 }, opacity: 0.6 }, trials.reached),
    { ...markers([...cut.filter(t => isOut(trials.reached[t])), ...ends.filter(t => isOut(known[t]))], "outside", { symbol: objective().lower ? "triangle-up" : "triangle-down", size: 6, color: color("soft"), opacity: 0.35 }, range(count).map(() => edge)), showlegend: false },
    markers(ends.filter(t => !isOut(known[t])), "complete", { color: ends.filter(t => !isOut(known[t])).map(t => broken.has(t) ? "rgba(0,0,0,0)" : color("run-0")), size: ends.length > 500 ? 4 : 7, opacity: ends.length > 500 ? 0.5 : 0.75, line: { color: color("run-0"), width: ends.some(t => broken.has(t)) ? 1 : 0 } }, known),
    { ...best, type: "scatter", mode: "lines", line: { shape: "hv", color: color("run-1"), width: 2 }, name: "best so far", hoverinfo: "skip" },
    { x: fell.length > 500 ? fell.filter((_, i) => i % Math.ceil(fell.length / 500) === 0) : fell, y: fell.map(() => 0), yaxis: "y2", type: "scatter", mode: "markers", name: "failed", text: fell.map(about), hovertemplate: "%{text}<extra></extra>", cliponaxis: false, marker: { symbol: "triangle-up", color: color("bad"), size: fell.length > 50 ? 5 : 8, opacity: fell.length > 50 ? 0.5 : 1 } },
  ].filter(trace => trace.x.length > 0), {
    showlegend: true, margin: { l: 52, r: 14, t: 30, b: 40 }, xaxis: { ...axis(), title: { text: "trial", standoff: 6 }, zeroline: false, range: [-0.015 * count - 0.5, 1.015 * count - 0.5], dtick: count < 12 ? 1 : undefined, nticks: 12, tickformat: ",d" }, yaxis: y,
    yaxis2: { overlaying: "y", range: [0, 1], visible: false, fixedrange: true },
  });
  note("history", [drawnOf(ends.length + cut.length, known.filter((value, t) => value !== null || trials.state[t] === pruned && trials.reached[t] !== null).length), beyond ? `${whole(beyond)} far worse ones stand at the edge` : ""].filter(Boolean).join("; "));
}

function drawImportance() {
  const found = data.importance[view.objective];
  if (!found) { return nothing("importance", "It takes four complete trials with different results."); }
  const bars = [...found.main.slice(0, 12).map(one => ({ ...one, ink: color("run-0") })), ...found.pairs.filter(one => one.share[0] > 0.01).slice(0, 4).map(one => ({ ...one, ink: color("run-6") }))].reverse();
  const names = bars.map(one => one.names.map(name => brief(data.parameters.findIndex(parameter => parameter.name === name))).join(" × "));
  plot("importance", [{
    x: bars.map(one => one.share[0]), y: range(bars.length), type: "bar", orientation: "h", marker: { color: bars.map(one => one.ink) }, width: 0.62,
    error_x: { type: "data", symmetric: false, array: bars.map(one => Math.min(one.share[1], 1 - one.share[0])), arrayminus: bars.map(one => Math.min(...one.share)), color: color("soft"), thickness: 1, width: 3 },
    text: bars.map(one => plain(one.names.join(" × "))), textposition: "none", hovertemplate: "%{text}<br><b>%{x:.1%}</b> of the variance<extra></extra>",
  }], {
    xaxis: { ...axis(), tickformat: ".0%", rangemode: "tozero" }, yaxis: { ...axis(), tickvals: range(bars.length), ticktext: names.map(plain), showgrid: false, fixedrange: true },
    margin: { l: 20, r: 20, t: 8, b: 30 },
  });
  note("importance", `share of the variance of ${data.objectives[view.objective].name} over the space (fANOVA, ${whole(found.trials)} trials${found.clipped ? "; far worse results count as the tenth worst part" : ""})`);
}

function nothing(id, text) {
  Plotly.purge(id);
  const frame = document.createElement("p");
  frame.className = "nothing";
  frame.textContent = text;
  document.getElementById(id).replaceChildren(frame);
}

function fillPair(id, options, chosen, redraw) {
  ["x", "y"].forEach((side, i) => {
    const select = document.getElementById(`${id}-${side}`);
    if (!select || select.options.length > 0) { return; }
    options.forEach((name, value) => select.add(new Option(name, value)));
    select.value = chosen[i];
    select.addEventListener("change", redraw);
  });
}

const pairOf = id => ["x", "y"].map(side => Number(document.getElementById(`${id}-${side}`).value));

function drawPareto() {
  if (!document.getElementById("pareto")) { return; }
  const names = data.objectives.map(one => one.name);
  fillPair("pareto", names, [0, 1], drawPareto);
  const [a, b] = names.length > 2 ? pairOf("pareto") : [0, 1], front = new Set(data.front);
  const has = t => trials.values[a][t] !== null && trials.values[b][t] !== null;
  const others = data.points.filter(t => has(t) && !front.has(t)), first = data.front.filter(has).sort((s, t) => trials.values[a][s] - trials.values[a][t]);
  const dots = (list, more) => ({ x: list.map(t => trials.values[a][t]), y: list.map(t => trials.values[b][t]), type: "scatter", text: list.map(about), hovertemplate: "%{text}<extra></extra>", ...more });
  // A front ends where one objective is bad: its points are never cut off.
  const isBeyond = (k, cut) => cut !== null && first.some(t => data.objectives[k].lower ? trials.values[k][t] > cut : trials.values[k][t] < cut);
  const side = k => {
    const { axis: shown, cut } = valueAxis(trials.values[k], data.objectives[k].lower, false);
    return { ...shown, range: isBeyond(k, cut) ? undefined : shown.range, title: title(k) };
  };
  const title = k => ({ text: plain(names[k] + (data.objectives[k].lower ? " ↓" : " ↑")), standoff: 6 });
  plot("pareto", [
    dots(others, { mode: "markers", name: "dominated", marker: { color: color("run-7"), size: 5, opacity: 0.5 } }),
    dots(first, { mode: names.length > 2 ? "markers" : "lines+markers", name: "front", line: { shape: data.objectives[a].lower === data.objectives[b].lower && data.objectives[a].lower ? "hv" : data.objectives[a].lower !== data.objectives[b].lower && data.objectives[a].lower ? "hv" : "vh", color: color("run-1"), width: 1.5 }, marker: { color: color("run-1"), size: 8 } }),
  ], { showlegend: true, margin: { l: 52, r: 14, t: 30, b: 40 }, xaxis: side(a), yaxis: side(b) });
  note("pareto", `${whole(first.length)} of ${whole(count)} trials; arrows say which way is better`);
}

let allSlices = false;
function drawSlices() {
  const card = document.getElementById("slices");
  if (!card) { return; }
  const found = data.importance[view.objective], known = values(), drawn = data.points.filter(t => known[t] !== null), { axis: y, beyond } = valueAxis(known);
  const share = p => found?.main.find(one => one.names[0] === data.parameters[p].name)?.share[0] ?? 0;
  const order = range(data.parameters.length).sort((a, b) => share(b) - share(a) || a - b), shown = allSlices ? order : order.slice(0, 12);
  const frame = card.querySelector(".slices");
  while (frame.children.length < shown.length) { frame.append(Object.assign(document.createElement("div"), { id: `slice-${frame.children.length}`, className: "slice" })); }
  shown.forEach((p, place) => {
    const mine = drawn.filter(t => trials.parameters[p][t] !== null), { choices, condition } = data.parameters[p];
    // Neighbours of one choice must not hide each other; the same trial always stands at the same place.
    const x = mine.map(t => trials.parameters[p][t] + (choices ? ((t * 0.618034) % 1 - 0.5) * 0.5 : 0));
    const marginal = found?.marginals[p];
    const traces = [{ x, y: mine.map(t => known[t]), type: "scatter", mode: "markers", text: mine.map(about), hovertemplate: "%{text}<extra></extra>", marker: { color: mine, colorscale: [[0, color("faint")], [1, color("run-0")]], cmin: -0.3 * count, cmax: count, size: mine.length > 300 ? 4 : 6, opacity: 0.8 } }];
    if (marginal && choices) {
      traces.push({ x: marginal.at, y: marginal.mean, type: "scatter", mode: "markers", hovertemplate: "mean %{y:.4~g}<extra></extra>", marker: { symbol: "line-ew-open", size: 34, color: color("run-1"), line: { width: 2.5 } } });
    } else if (marginal) {
      const low = marginal.mean.map((m, i) => m - marginal.deviation[i]), high = marginal.mean.map((m, i) => m + marginal.deviation[i]);
      traces.unshift({ x: [...marginal.at, ...marginal.at.toReversed()], y: [...low, ...high.reverse()], type: "scatter", mode: "lines", fill: "toself", fillcolor: color("run-1"), line: { width: 0 }, opacity: 0.16, hoverinfo: "skip" });
      traces.push({ x: marginal.at, y: marginal.mean, type: "scatter", mode: "lines", hovertemplate: "mean %{y:.4~g}<extra></extra>", line: { color: color("run-1"), width: 2 } });
    }
    plot(`slice-${place}`, traces, {
      margin: { l: 46, r: 8, t: 26, b: 34 }, xaxis: parameterAxis(p, false), yaxis: y,
      annotations: [{ xref: "paper", yref: "paper", x: 0, y: 1, yanchor: "bottom", xanchor: "left", yshift: 4, showarrow: false, font: { color: color("ink"), size: 12.5 }, text: `<b>${plain(brief(p))}</b>${found ? ` ${Math.round(100 * share(p))} %` : ""}${condition ? `  <i>if ${plain(condition)}</i>` : ""}` }],
    });
  });
  note("slices", ["each complete trial; darker is later; the line is the mean over all other parameters", beyond ? `${whole(beyond)} far worse ones lie outside` : ""].filter(Boolean).join("; "));
  const more = document.getElementById("more-slices");
  more.hidden = allSlices || order.length <= 12;
  more.textContent = `all ${order.length}`;
  more.onclick = () => { allSlices = true; drawSlices(); };
}

function drawCurves() {
  if (!document.getElementById("curves")) { return; }
  // Reports are of the first objective, whichever is shown.
  const known = trials.values[0], lower = data.objectives[0].lower, order = range(count).filter(t => known[t] !== null).sort((a, b) => lower ? known[a] - known[b] : known[b] - known[a]);
  const rank = new Map(order.map((t, i) => [t, order.length > 1 ? i / (order.length - 1) : 0]));
  const kinds = [...data.curves].sort((a, b) => (rank.get(b.trial) ?? 2) - (rank.get(a.trial) ?? 2));
  const all = kinds.flatMap(curve => curve.values), shownAxis = view.objective === 0 ? valueAxis(all).axis : { ...axis(), type: "linear" };
  plot("curves", kinds.map(({ trial, steps, values: reported }) => {
    const state = trials.state[trial], ended = state === complete, ink = ended ? shade(rank.get(trial) ?? 1) : state === failed ? color("bad") : state === pruned ? color("run-7") : color("run-2");
    const last = reported.length - 1, text = about(trial);
    return { x: steps, y: reported, type: "scatter", mode: "lines+markers", line: { color: ink, width: trial === order[0] ? 3 : 1.4, dash: state === running ? "dot" : "solid" }, opacity: ended ? 0.95 : 0.6,
             marker: { color: ink, size: steps.map((_, i) => i === last && !ended ? 7 : steps.length === 1 ? 5 : 0.1), symbol: state === pruned || state === failed ? "x" : "circle" },
             text: steps.map(() => text), hovertemplate: "%{text}<br>step %{x:,d}: <b>%{y:.4~g}</b><extra></extra>" };
  }), { xaxis: { ...axis(), title: { text: "step", standoff: 6 }, zeroline: false }, yaxis: shownAxis });
  note("curves", [`coloured by rank, the best thick; grey with a cross: pruned`, data.curves.length < data.reporting ? `${data.curves.length} of ${whole(data.reporting)} trials drawn` : ""].filter(Boolean).join("; "));
}

function drawTimeline() {
  const element = document.getElementById("timeline"), line = data.timeline;
  if (!element) { return; }
  const lanes = line.lanes.length, end = Math.max(...line.from.map((from, i) => from + line.seconds[i]), 1e-9), [unit, seconds] = end < 120 ? ["seconds", 1] : end < 7200 ? ["minutes", 60] : ["hours", 3600];
  element.style.height = `${clamp(34 * lanes, 40, 640) + 60}px`;
  const kinds = [["complete", "run-0"], ["pruned", "run-7"], ["failed", "bad"], ["running", "run-2"], ["given back or lost", "run-5"]];
  const kindOf = i => line.last[i] === 0 ? 4 : { [complete]: 0, [pruned]: 1, [failed]: 2 }[trials.state[line.trial[i]]] ?? 3;
  plot("timeline", kinds.map(([name, ink], kind) => {
    const mine = range(line.trial.length).filter(i => kindOf(i) === kind);
    return { type: "bar", orientation: "h", name, y: mine.map(i => line.lane[i]), base: mine.map(i => line.from[i] / seconds), x: mine.map(i => Math.max(line.seconds[i], end / 4000) / seconds), width: 0.7,
             marker: { color: color(ink), opacity: 0.85, line: { color: color("card"), width: line.trial.length > 400 ? 0 : 1 } }, text: mine.map(i => about(line.trial[i])), textposition: "none", hovertemplate: "%{text}<extra></extra>" };
  }).filter(trace => trace.y.length > 0), {
    barmode: "overlay", showlegend: true, margin: { l: 20, r: 14, t: 28, b: 36 }, xaxis: { ...axis(), title: { text: unit, standoff: 4 }, zeroline: false, range: [0, 1.01 * end / seconds] },
    yaxis: { ...axis(), showgrid: false, tickvals: lanes > 40 ? [] : range(lanes), ticktext: line.lanes.map(plain), range: [lanes - 0.4, -0.6], fixedrange: true },
  });
  note("timeline", `who worked when; one lane for each trial that a worker holds at once`);
}
