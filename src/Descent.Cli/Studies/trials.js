"use strict";
const table = { key: "number", down: false, states: new Set(), shown: 25 };

const columns = () => [
  { key: "number", name: "trial", of: t => t },
  { key: "state", name: "state", of: t => trials.state[t], cell: (t, cell) => { cell.append(Object.assign(document.createElement("span"), { className: `pill ${["", "", "good", "", "bad"][trials.state[t]]}`, textContent: stateNames[trials.state[t]] })); } },
  ...data.objectives.map(({ name }, k) => ({ key: "v" + k, name, of: t => trials.values[k][t] ?? (k === 0 ? trials.reached[t] : null), text: t => result(k, trials.values[k][t] ?? (k === 0 ? trials.reached[t] : null)), isValue: true, k })),
  ...data.parameters.map((parameter, p) => ({ key: "p" + p, name: brief(p), title: parameter.name, of: t => trials.parameters[p][t], text: t => valueText(p, trials.parameters[p][t]) })),
  { key: "step", name: "step", of: t => trials.step[t] },
  { key: "seconds", name: "time", of: t => trials.seconds[t], text: t => duration(trials.seconds[t]) },
  { key: "attempts", name: "attempts", of: t => trials.attempts[t] },
  { key: "worker", name: "worker", of: t => trials.worker[t], text: t => trials.worker[t] < 0 ? "–" : data.workers[trials.worker[t]], isText: true },
  { key: "reason", name: "reason", of: t => trials.reason[t], text: t => trials.reason[t] < 0 ? "" : data.reasons[trials.reason[t]], isText: true, isLong: true },
];

function drawTrials() {
  const section = document.getElementById("trials");
  if (!section) { return; }
  const every = columns().filter(column => !["step", "attempts"].includes(column.key) || range(count).some(t => column.of(t) > (column.key === "step" ? -1 : 1))), by = every.find(column => column.key === table.key), brushed = brushedTrials();
  // What has no value stands last, whichever way.
  const none = value => value === null || value === -1;
  const list = range(count).filter(t => (table.states.size === 0 || table.states.has(trials.state[t])) && (brushed === null || brushed.has(t)));
  list.sort((a, b) => none(by.of(a)) - none(by.of(b)) || (table.down ? -1 : 1) * (by.of(a) - by.of(b)) || a - b);
  section.querySelector("thead").replaceChildren(Object.assign(document.createElement("tr"), {}));
  const heads = section.querySelector("thead tr"), winner = ranking().order.find(t => !trials.broken.includes(t));
  for (const column of every) {
    const head = document.createElement("th"), button = Object.assign(document.createElement("button"), { type: "button", title: column.title ?? column.name, textContent: column.name + (column.key === table.key ? (table.down ? " ▾" : " ▴") : "") });
    head.setAttribute("aria-sort", column.key !== table.key ? "none" : table.down ? "descending" : "ascending");
    if (column.isText) { head.className = "text"; }
    button.addEventListener("click", () => {
      [table.down, table.key] = [column.key === table.key ? !table.down : column.isValue && !data.objectives[column.k].lower, column.key];
      drawTrials();
    });
    head.append(button);
    heads.append(head);
  }
  section.querySelector("tbody").replaceChildren(...list.slice(0, table.shown).map(t => {
    const row = document.createElement("tr");
    if (t === winner && data.objectives.length === 1 || data.front.includes(t)) { row.className = "winner"; }
    for (const column of every) {
      const cell = row.insertCell();
      if (column.cell) { column.cell(t, cell); } else { cell.textContent = column.text ? column.text(t) : figure(column.of(t)); }
      if (column.isText) { cell.className = column.isLong ? "text long" : "text"; cell.title = cell.textContent; }
      if (column.isValue && trials.state[t] !== complete) { cell.className = "soft"; }
    }
    return row;
  }));
  const more = document.getElementById("more");
  more.hidden = list.length <= table.shown;
  more.textContent = `${whole(Math.min(200, list.length - table.shown))} more of ${whole(list.length - table.shown)}`;
  note("more", [list.length < count ? `${whole(list.length)} of ${whole(count)}` : whole(count), brushed === null ? "" : "chosen in the parallel coordinates", "grey: the best that was reported"].filter(Boolean).join("; "));
}
