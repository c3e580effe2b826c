"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;
const trials = data.trials;
const count = trials.state.length;
const stateNames = ["waiting", "running", "complete", "pruned", "failed"];
const [running, complete, pruned, failed] = [1, 2, 3, 4];

// What the page shows: one objective, on one scale, and the trials that are brushed.
const view = { objective: 0, log: false, brush: new Map(), pareto: null, surface: null };

// A page from a file may not have storage; the theme is then chosen anew each time.
const stored = { get: () => { try { return localStorage.getItem("descent-theme"); } catch { return null; } },
                 set: value => { try { localStorage.setItem("descent-theme", value); } catch { /* not kept */ } } };
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
root.dataset.theme = stored.get() ?? (prefersDark.matches ? "dark" : "light");

const color = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
// The library reads some markup in names; a parameter's choice may be called anything.
const plain = text => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const whole = number => number.toLocaleString("en");
const range = n => Array.from({ length: n }, (_, i) => i);
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

function figure(value) {
  if (value === null) { return "–"; }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) { return value.toExponential(3).replace("e+", "e"); }
  return Number.isInteger(value) && size < 1e6 ? whole(value) : value.toPrecision(4).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

// Of an objective: bytes are too many to be read as a number.
function result(k, value) {
  if (value === null || !data.objectives[k].bytes) { return figure(value); }
  const unit = value > 0 ? clamp(Math.floor(Math.log2(value) / 10), 0, 4) : 0, size = value / 1024 ** unit;
  return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${["B", "KiB", "MiB", "GiB", "TiB"][unit]}`;
}

function duration(seconds) {
  if (seconds < 10) { return `${Number(seconds.toPrecision(2))} s`; }
  const s = Math.round(seconds), two = n => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

// The last part of a name says most; all of it, where two share that.
const lastParts = data.parameters.map(parameter => parameter.name.split(".").at(-1));
const brief = p => lastParts.filter(part => part === lastParts[p]).length > 1 ? data.parameters[p].name : lastParts[p];
const valueText = (p, value) => value === null ? "–" : data.parameters[p].choices ? data.parameters[p].choices[value] : figure(value);

// Where a value lies between the ends of its parameter.
function place(p, value) {
  const { choices, low, high, log } = data.parameters[p];
  if (value === null) { return null; }
  if (choices) { return (value + 0.5) / choices.length; }
  if (high === low) { return 0.5; }
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

const objective = () => data.objectives[view.objective];
const values = () => trials.values[view.objective];
const loss = value => objective().lower ? value : -value;

// Trials with a value, the best first, and each one's part of the way from the best (0) to the worst (1): colours by rank don't mind a trial that ran away.
function ranking() {
  const known = values();
  const order = range(count).filter(t => known[t] !== null).sort((a, b) => loss(known[a]) - loss(known[b]) || a - b);
  const rank = new Map(order.map((t, i) => [t, order.length > 1 ? i / (order.length - 1) : 0]));
  return { order, rank };
}

// From the best, which stands out most against the ground, to the worst.
const scales = { light: [[0, "#3b0f70"], [0.25, "#2b50b8"], [0.5, "#1f8f9c"], [0.75, "#7cc46a"], [1, "#dccf5c"]],
                 dark: [[0, "#fde725"], [0.25, "#7ad151"], [0.5, "#22a884"], [0.75, "#3f7cb0"], [1, "#5a4a9c"]] };
const scale = () => scales[root.dataset.theme];
function shade(part) {
  const stops = scale(), at = Math.max(1, stops.findIndex(([end]) => end >= part));
  const [[from, a], [to, b]] = [stops[at - 1], stops[at]], weight = clamp((part - from) / (to - from), 0, 1);
  const channel = (text, i) => parseInt(text.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map(i => Math.round(channel(a, i) * (1 - weight) + channel(b, i) * weight)).join(",")})`;
}

function about(t) {
  const lines = [`<b>trial ${t}</b> · ${stateNames[trials.state[t]]}`];
  data.objectives.forEach(({ name }, k) => { if (trials.values[k][t] !== null) { lines.push(`${plain(name)} <b>${result(k, trials.values[k][t])}</b>`); } });
  if (trials.reached[t] !== null) { lines.push(`reached ${figure(trials.reached[t])}`); }
  data.parameters.forEach((_, p) => { if (trials.parameters[p][t] !== null && lines.length < 20) { lines.push(`${plain(brief(p))} = ${plain(valueText(p, trials.parameters[p][t]))}`); } });
  lines.push(duration(trials.seconds[t]) + (trials.attempts[t] > 1 ? `, taken up ${trials.attempts[t]} times` : ""));
  if (trials.reason[t] >= 0) { lines.push(plain(data.reasons[trials.reason[t]].slice(0, 90))); }
  return lines.join("<br>");
}

const axis = () => ({ gridcolor: color("faint"), linecolor: color("faint"), zerolinecolor: color("faint"), tickcolor: color("faint"), automargin: true });

function layout(more) {
  return {
    margin: { l: 52, r: 14, t: 12, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, hovermode: "closest",
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("soft") },
    hoverlabel: { bgcolor: color("card"), bordercolor: color("faint"), font: { color: color("ink"), size: 12 }, align: "left" },
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    ...more,
  };
}

const plot = (id, traces, more) => Plotly.react(id, traces, layout(more), { responsive: true, displayModeBar: false, doubleClick: "reset+autosize" });
const note = (id, text) => { document.getElementById(id).closest(".card").querySelector("h2 small").textContent = text; };
const drawnOf = (drawn, all) => drawn < all ? `${whole(drawn)} of ${whole(all)} trials drawn, the best among them` : "";

// What is far worse than nearly all would press the rest into one line: the axis then ends before it.
function cutOf(known, lower = objective().lower) {
  const turn = value => lower ? value : -value, sorted = known.filter(value => value !== null).map(turn).sort((a, b) => a - b);
  if (sorted.length < 5) { return { cut: null }; }
  const at = part => sorted[Math.round(part * (sorted.length - 1))];
  const [best, most] = [sorted[0], at(0.9)];
  const end = most + 0.5 * (most - at(0.25));
  return sorted.at(-1) > most + 3 * (most - best) && end > best ? { cut: turn(end), beyond: sorted.filter(value => value > end).length } : { cut: null };
}

function valueAxis(known, lower = objective().lower, log = view.log) {
  const { cut, beyond } = cutOf(known, lower), present = known.filter(value => value !== null);
  const more = { ...axis(), zeroline: false, type: log ? "log" : "linear", hoverformat: ".4~g", exponentformat: present.every(Number.isInteger) ? "SI" : "e" };
  if (cut === null || present.length === 0) { return { axis: more, beyond: 0, cut: null }; }
  const best = present.reduce((a, b) => (a < b) === lower ? a : b), to = value => log ? Math.log10(value) : value;
  if (log && (best <= 0 || cut <= 0)) { return { axis: more, beyond: 0, cut: null }; }
  const pad = 0.06 * (to(cut) - to(best));
  return { axis: { ...more, range: [to(best) - pad, to(cut) + 0.6 * pad].sort((a, b) => a - b) }, beyond, cut };
}

function parameterAxis(p, title = true) {
  const { choices, low, high, log, name } = data.parameters[p], more = { ...axis(), zeroline: false, title: title ? { text: plain(brief(p)), standoff: 6 } : undefined };
  if (choices) { return { ...more, tickvals: range(choices.length), ticktext: choices.map(choice => plain(choice.length > 24 ? choice.slice(0, 23) + "…" : choice)), range: [-0.5, choices.length - 0.5], showgrid: false }; }
  if (high === low) { return { ...more, range: [low - 1, high + 1], tickvals: [low], ticktext: [figure(low)] }; }
  const ends = log ? [Math.log10(low), Math.log10(high)] : [low, high], pad = 0.03 * (ends[1] - ends[0]);
  return { ...more, type: log ? "log" : "linear", range: [ends[0] - pad, ends[1] + pad], exponentformat: "e", nticks: log ? 6 : 5, dtick: log && ends[1] - ends[0] > 2 ? Math.ceil((ends[1] - ends[0]) / 6) : undefined };
}
