"use strict";
// The mean of the trials around each place, weighted by a Gaussian of their distance (Nadaraya and Watson); where no trial is near, nothing is drawn.
function smoothed(a, b, drawn, known, most) {
  const bandwidth = clamp(0.5 * drawn.length ** (-1 / 6), 0.05, 0.25), steps = p => data.parameters[p].choices ? data.parameters[p].choices.length : 45;
  const at = p => range(steps(p)).map(i => data.parameters[p].choices ? (i + 0.5) / steps(p) : i / (steps(p) - 1));
  // Choices have no neighbours.
  const wide = p => data.parameters[p].choices ? 0.2 / steps(p) : bandwidth;
  const [us, vs, wa, wb] = [at(a), at(b), wide(a), wide(b)];
  const points = drawn.map(t => [place(a, trials.parameters[a][t]) / wa, place(b, trials.parameters[b][t]) / wb, objective().lower ? Math.min(known[t], most) : Math.max(known[t], most)]);
  const z = vs.map(v => us.map(u => {
    let sum = 0, mass = 0, nearest = Infinity;
    for (const [x, y, value] of points) {
      const distance = (x - u / wa) ** 2 + (y - v / wb) ** 2, weight = Math.exp(-0.5 * distance);
      sum += weight * value;
      mass += weight;
      nearest = Math.min(nearest, distance);
    }
    return nearest > 6.25 ? null : sum / mass;
  }));
  const real = (p, u, i) => { const { choices, low, high, log } = data.parameters[p]; return choices ? i : log ? low * (high / low) ** u : low + u * (high - low); };
  return { x: us.map((u, i) => real(a, u, i)), y: vs.map((v, i) => real(b, v, i)), z };
}

function drawSurface() {
  if (!document.getElementById("surface")) { return; }
  const found = data.importance[view.objective], index = name => data.parameters.findIndex(parameter => parameter.name === name);
  const first = found ? found.main.slice(0, 2).map(one => index(one.names[0])) : [0, 1];
  fillPair("surface", range(data.parameters.length).map(brief), first, drawSurface);
  const [a, b] = pairOf("surface"), known = values();
  if (a === b) { return nothing("surface", "Choose two different parameters."); }
  const drawn = data.points.filter(t => known[t] !== null && trials.parameters[a][t] !== null && trials.parameters[b][t] !== null);
  if (drawn.length < 3) { return nothing("surface", "Fewer than three complete trials have both."); }
  document.querySelector("#surface > .nothing")?.remove();
  const sorted = drawn.map(t => known[t]).sort((s, t) => loss(s) - loss(t)), best = sorted[0], worst = cutOf(known).cut ?? sorted.at(-1), most = objective().lower ? Math.max(worst, best) : Math.min(worst, best);
  const grid = smoothed(a, b, drawn, known, most), discrete = data.parameters[a].choices || data.parameters[b].choices;
  const stops = scale(), ramp = objective().lower ? stops : stops.map(([at, ink]) => [1 - at, ink]).reverse();
  const [zmin, zmax] = [Math.min(best, most), Math.max(best, most)], winner = drawn.reduce((s, t) => loss(known[s]) <= loss(known[t]) ? s : t), p = (q, t) => trials.parameters[q][t] + (data.parameters[q].choices ? ((t * 0.618034) % 1 - 0.5) * 0.5 : 0);
  plot("surface", [
    { ...grid, type: discrete ? "heatmap" : "contour", zmin, zmax: zmax > zmin ? zmax : zmin + 1, zauto: false, colorscale: ramp, hoverinfo: "skip", connectgaps: false, opacity: 0.9, ncontours: 14, xgap: data.parameters[a].choices ? 1 : 0, ygap: data.parameters[b].choices ? 1 : 0,
      contours: discrete ? undefined : { coloring: "fill", showlines: true }, line: { width: 0.4, color: color("card") }, colorbar: { thickness: 10, outlinewidth: 0, tickfont: { size: 11 }, tickformat: ".3~g", x: 1.01, xpad: 4 } },
    { x: drawn.map(t => p(a, t)), y: drawn.map(t => p(b, t)), type: "scatter", mode: "markers", text: drawn.map(about), hovertemplate: "%{text}<extra></extra>", marker: { color: color("card"), size: drawn.length > 300 ? 3 : 5, opacity: drawn.length > 300 ? 0.7 : 0.9, line: { color: color("ink"), width: 0.5 } } },
    { x: [p(a, winner)], y: [p(b, winner)], type: "scatter", mode: "markers", hoverinfo: "skip", marker: { symbol: "star", size: 15, color: color("run-1"), line: { color: color("card"), width: 1.5 } } },
  ], { margin: { l: 56, r: 12, t: 8, b: 40 }, xaxis: { ...parameterAxis(a), showgrid: false }, yaxis: { ...parameterAxis(b), showgrid: false } });
  note("surface", `${objective().name}, mean of the trials around; star: the best`);
}
