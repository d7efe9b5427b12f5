// How an alert comes about: its figures, its rows, where it lies, what it may cost.

import * as view from "./view.js";

const { h, count, percent } = view;

/** What lies where is shown for so many segments; the sum has the rest. */
const CARRIERS_SHOWN = 3;

/** What the journeys behind an alert are worth; nothing if it is not known. */
export function worth({ at_risk: risks = [] }) {
  const known = risks.filter(({ minor }) => minor > 0);
  return known.map(({ minor, currency }) => view.money(minor, currency)).join(" + ");
}

/** The segments that carry most of it. */
export function carriers({ carriers: all = [] }) {
  if (!all.length) return null;
  return h(
    "div",
    { className: "carriers" },
    h("h4", {}, "Where it lies"),
    h(
      "ul",
      {},
      all.slice(0, CARRIERS_SHOWN).map(({ segment, n, bad, expected, share }) => {
        const usual = `${number(Math.round(expected * 10) / 10)} expected`;
        const words = bad === n ? `${count(n)}, ${usual}` : `${count(bad)} of ${count(n)}, ${usual}`;
        return h(
          "li",
          {},
          h("span", { className: "segment" }, view.segmentWords(segment)),
          view.bar(Math.min(share, 1), 1),
          h("strong", {}, percent(share, 0)),
          h("small", {}, words),
        );
      }),
    ),
  );
}

/** The whole sum, asked for when somebody wants to see it. */
export function sum(alert, zone, open) {
  const body = h("div", { className: "sum" });
  const details = h(
    "details",
    { className: "explained" },
    h("summary", {}, "How this comes about, as a sum"),
    body,
  );
  let asked = false;
  details.addEventListener("toggle", () => {
    if (!details.open || asked) return;
    asked = true;
    fill(body, alert, zone).catch((error) => {
      asked = false; // Closing and opening it asks again.
      const words = "The daemon did not answer, or knows this alert no longer. Close this and open it again.";
      body.replaceChildren(h("p", { className: "quiet", role: "status" }, words));
      console.warn(`the sum of ${alert.fingerprint}:`, error);
    });
  });
  details.open = open;
  return details;
}

async function fill(body, alert, zone) {
  body.replaceChildren(h("p", { className: "quiet" }, "Asking the daemon…"));
  const answer = await fetch(`api/v1/alerts/${encodeURIComponent(alert.fingerprint)}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  const { explanation } = await answer.json();
  const { figures, outcomes, carriers: all } = explanation.sum;
  body.replaceChildren(
    ...[
      figuresOf(figures),
      outcomes.rows.length ? rowsOf(outcomes, view.clock(zone)) : null,
      all.length > CARRIERS_SHOWN ? carriersOf(all) : null,
      h(
        "p",
        { className: "fine" },
        "The same in a terminal: ",
        h("code", {}, `rapport explain ${alert.fingerprint}`),
        ". The rule in words: ",
        h("code", {}, `rapport rules ${alert.rule}`),
      ),
    ].filter(Boolean),
  );
}

function figuresOf(figures) {
  return h(
    "table",
    { className: "figures" },
    h("caption", {}, "The figures, each with how it follows"),
    h(
      "tbody",
      {},
      figures.map(({ name, value, from }) =>
        h("tr", {}, h("th", { scope: "row" }, name, h("small", {}, from)), h("td", {}, number(value))),
      ),
    ),
  );
}

function rowsOf({ columns, rows }, clock) {
  return scrolled(
    "The rows that the figures are made of",
    h(
      "table",
      { className: "rows" },
      h("caption", {}, `The rows, by their beginning (${clock.zone})`),
      h("thead", {}, h("tr", {}, ["From", ...columns].map((name) => h("th", { scope: "col" }, name)))),
      h(
        "tbody",
        {},
        rows.map(({ from, numbers }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, clock.short(from)),
            columns.map((_, i) => h("td", {}, i < numbers.length ? number(numbers[i]) : "")),
          ),
        ),
      ),
    ),
  );
}

function carriersOf(all) {
  const heads = ["Segment", "Beyond the expected", "Counted", "Of", "Expected"];
  return scrolled(
    "Every segment that carries a part of it",
    h(
      "table",
      { className: "rows" },
      h("caption", {}, "Where it lies; segments of two kinds may overlap"),
      h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))),
      h(
        "tbody",
        {},
        all.map(({ segment, n, bad, expected, share }) =>
          h(
            "tr",
            {},
            h("th", { scope: "row" }, view.segmentWords(segment)),
            [percent(share), count(bad), count(n), number(expected)].map((cell) => h("td", {}, cell)),
          ),
        ),
      ),
    ),
  );
}

/** What is too wide or too long to stand whole; the keyboard can scroll it too. */
function scrolled(label, content) {
  return h("div", { className: "scrolled", role: "region", "aria-label": label, tabIndex: 0 }, content);
}

/** With the digits that matter, as `rapport explain` writes it. */
function number(value) {
  if (!Number.isFinite(value)) return "–";
  if (Number.isInteger(value)) return count(value);
  return Math.abs(value) < 0.001 ? value.toExponential(2) : `${Number(value.toFixed(4))}`;
}
