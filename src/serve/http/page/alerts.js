// The alerts: a card for each that fires, and what was said of late.

import * as sums from "./sum.js";
import * as view from "./view.js";

const { $, h, count, some, span, write } = view;

/** The rest is counted, and to be had from the API. */
const CARDS_MAX = 30;
const HISTORY_SHOWN = 12;

const cards = new Map();

/** Draws the alerts that fire and the last messages. */
export function drawAlerts({ firing, firing_total: total, history }, status) {
  const shown = firing.slice(0, CARDS_MAX);
  announce(firing);
  for (const fingerprint of [...cards.keys()]) {
    if (!shown.some((alert) => alert.fingerprint === fingerprint)) cards.delete(fingerprint);
  }
  // A card that says the same stays the same element, so that focus and open details are kept.
  const elements = shown.map((alert) => {
    const said = JSON.stringify([alert, status.definitions?.zone]);
    const known = cards.get(alert.fingerprint);
    if (known?.said === said) return known.element;
    const isOpen = (kind) => known?.element.querySelector(`details.${kind}`)?.open ?? false;
    const element = card(alert, status, isOpen);
    cards.set(alert.fingerprint, { said, element });
    return element;
  });
  const list = $("alerts-list");
  const same = elements.length === list.children.length && elements.every((e, i) => e === list.children[i]);
  if (!same) list.replaceChildren(...elements);
  drawAges(status);
  const rest = total - shown.length;
  let words = rest > 0 ? `${some(rest, "more alert")} firing; all of them are at /api/v1/alerts.` : "";
  if (total === 0 && status.judged_here) {
    words = "Nothing fires. What each rule can see, and what it cannot yet, stands above.";
  } else if (total === 0 && status.partitions.length) {
    words = "Alerts are judged by another instance.";
  } else if (total === 0) {
    words = "Whatever needs attention will stand here, once events have been judged.";
  }
  write("alerts-empty", words);
  $("alerts-empty").hidden = !words;
  drawHistory(history, status);
}

/** How long each alert has stood, by the time in the events; rewritten in place, as it moves all the time. */
export function drawAges(status) {
  for (const age of document.querySelectorAll("[data-since]")) {
    const seconds = (status.aligned_at - Number(age.dataset.since)) / 1000;
    const words = seconds >= 60 ? `, for ${span(seconds)} now` : "";
    if (age.textContent !== words) age.textContent = words;
  }
}

let announced = null;

function announce(firing) {
  const now = new Map(firing.map((alert) => [alert.fingerprint, alert]));
  if (announced) {
    const fresh = [...now.values()].filter((alert) => !announced.has(alert.fingerprint));
    const over = [...announced.values()].filter((alert) => !now.has(alert.fingerprint));
    const say = (word, list) =>
      list
        .slice(0, 3)
        .map((a) => `${word}: ${view.ruleWords(a.rule).title}, ${view.segmentWords(a.segment)}.`);
    const words = [...say("New alert", fresh), ...say("Resolved", over)].join(" ");
    if (words) $("announcer").textContent = words;
  }
  announced = now;
}

function card(alert, status, isOpen) {
  const clock = view.clock(status.definitions?.zone);
  const words = view.ruleWords(alert.rule);
  const severity = view.SEVERITY[alert.severity];
  const id = `alert-${alert.fingerprint}`;
  const marks = [{ at: alert.threshold, label: words.threshold, kind: "threshold" }];
  if (alert.baseline !== null && alert.baseline !== alert.threshold) {
    marks.push({ at: alert.baseline, label: words.baseline, kind: "baseline" });
  }
  const where = [view.segmentWords(alert.segment), alert.subject].filter(Boolean).join(" · ");
  const young = alert.excluded_immature
    ? `, ${count(alert.excluded_immature)} more are too young to count`
    : "";
  const basis = `As told on ${clock.at(alert.at)}; it rests on ${some(alert.n, "outcome")}${young}`;
  const caught = alert.catching_up ? "Found in history while catching up" : null;
  const figure =
    words.unit === null
      ? null
      : view.gauge({
          value: alert.value,
          low: alert.interval_low ?? NaN,
          high: alert.interval_high ?? NaN,
          marks,
          label: words.value,
          unit: words.unit,
        });
  const owner = view.ownerWords[alert.owner_team] ?? alert.owner_team;
  const facts = [
    ["First to act", owner],
    ["Since", h("span", {}, clock.at(alert.since), h("span", { "data-since": alert.since }))],
    ["At risk", sums.worth(alert) || h("span", { className: "quiet" }, "no value is known")],
  ];
  return h(
    "article",
    { className: `card ${alert.severity}`, "aria-labelledby": id },
    h(
      "header",
      {},
      h(
        "p",
        { className: "severity" },
        h("span", { "aria-hidden": "true" }, `${severity.shape} `),
        severity.word,
      ),
      h(
        "p",
        { className: "kind" },
        alert.sign ? `Sign ${alert.sign}: ${view.SIGNS[alert.sign]?.name ?? ""}` : "No data",
      ),
      h("h3", { id }, words.title),
      h("p", { className: "where" }, where),
    ),
    h("p", { className: "summary" }, alert.summary),
    h(
      "dl",
      { className: "facts" },
      facts.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    ),
    figure,
    h("p", { className: "basis" }, [basis, caught].filter(Boolean).join(". "), "."),
    sums.carriers(alert),
    h(
      "div",
      { className: "advice" },
      h("h4", {}, "What to do"),
      h(
        "ul",
        {},
        advice(alert.advice).map((sentence) => h("li", {}, sentence)),
      ),
    ),
    sums.sum(alert, status.definitions?.zone, isOpen("explained")),
    evidence(alert, isOpen("evidence")),
  );
}

/** One item for each team that is spoken to: `Sales: … Marketing: …`. */
function advice(text) {
  return text.split(/(?<=\.)\s+(?=(?:Marketing|Sales|Operations|Both):)/u);
}

function evidence(alert, open) {
  if (!alert.evidence.length) return null;
  return h(
    "details",
    { open, className: "evidence" },
    h("summary", {}, `${some(alert.evidence.length, "lead or deal", "leads and deals")} behind it`),
    h(
      "ul",
      { className: "ids" },
      alert.evidence.map((lead) => h("li", {}, h("code", {}, lead))),
    ),
  );
}

function drawHistory(history, status) {
  const clock = view.clock(status.definitions?.zone);
  const newest = [...history].sort((a, b) => b.at - a.at).slice(0, HISTORY_SHOWN);
  const items = newest.map((alert) => {
    const over = alert.state === "resolved";
    const what = `${view.ruleWords(alert.rule).title}, ${view.segmentWords(alert.segment)}`;
    return h(
      "li",
      { className: alert.state },
      h("time", { dateTime: new Date(alert.at).toISOString() }, clock.at(alert.at)),
      h(
        "span",
        { className: "state" },
        over ? "✓ resolved" : `${view.SEVERITY[alert.severity].shape} fired`,
      ),
      h("span", {}, what),
    );
  });
  $("history").replaceChildren(...items);
  $("history-section").hidden = items.length === 0;
}
