// How the two get along: the score with its parts, what is at risk, each sign and where its rules stand.
// A rule that is learning, holds or is off is shown as such: silence is no news only where somebody looks.

import * as view from "./view.js";

const { $, h, count, some, write } = view;

const SIGNS = [1, 2, 3, 4];
/** The order in which the places of a rule are counted. */
const COUNTED = ["broken", "holding", "kept", "learning"];

/** A number from 0 to 1 as one from 0 to 100, as the score has it. */
const hundred = (health) => Math.round(health * 100);
/** `1`, `1 and 2`, `1, 2 and 3`. */
const listed = (words) => words.join(", ").replace(/, ([^,]*)$/u, " and $1");

/** What can be said of the whole: which signs are known, and what the rules of the signs do. */
export function overview({ signs }) {
  const rules = SIGNS.flatMap((sign) => of(signs, sign).rules);
  const known = SIGNS.filter((sign) => Number.isFinite(of(signs, sign).health));
  const inState = (...states) => rules.filter((rule) => states.includes(rule.state)).length;
  return { known, on: rules.length - inState("off"), inState };
}

const of = (signs, number) =>
  signs.find(({ sign }) => sign === number) ?? { sign: number, health: null, rules: [] };

let drawn = null;

/** Draws everything that comes from the alignment; none of it is there while another instance judges. */
export function drawAlignment(alignment, status, known) {
  const shown = known ? alignment : null;
  const said = JSON.stringify([shown, status.firing]);
  if (said === drawn) return;
  drawn = said;
  $("score").replaceChildren(...score(shown));
  $("risk").replaceChildren(...risk(shown, status));
  const signs = shown?.signs ?? [];
  const tiles = SIGNS.map((number) => tile(of(signs, number), status, shown !== null));
  $("signs").replaceChildren(...tiles, beside(of(signs, 0), status, shown !== null));
}

function score(alignment) {
  const value = alignment?.alignment_score;
  const title = h("h3", {}, "Alignment score");
  if (!Number.isFinite(value)) {
    const why = alignment
      ? "No sign is known yet, so there is no score: see below what each rule waits for."
      : "Not known here yet.";
    return [title, h("p", { className: "figure" }, "–"), h("p", { className: "quiet" }, why)];
  }
  const { known } = overview(alignment);
  const missing = SIGNS.filter((sign) => !known.includes(sign));
  const parts = known.map((sign) => `${hundred(of(alignment.signs, sign).health)} (sign ${sign})`);
  const sum =
    known.length > 1 ? `The mean of ${listed(parts)}.` : `It rests on one sign alone: ${listed(parts)}.`;
  const left = missing.length
    ? ` Sign${missing.length > 1 ? "s" : ""} ${listed(missing)} ${missing.length > 1 ? "are" : "is"} not known yet.`
    : "";
  return [
    title,
    h("p", { className: "figure" }, count(value), h("span", {}, " of 100")),
    h("p", { className: "quiet" }, `${sum}${left} A way to look, not a target.`),
  ];
}

function risk(alignment, status) {
  const amounts = Object.entries(alignment?.revenue_at_risk_minor ?? {}).filter(([, minor]) => minor > 0);
  const title = h("h3", {}, "Revenue at risk");
  if (amounts.length) {
    const words =
      "An upper bound: the value of the journeys behind the alerts that fire. Within a sign no journey " +
      "counts twice; two signs may speak of the same ones, and the signs are added up.";
    return [
      title,
      h(
        "ul",
        { className: "amounts" },
        amounts.map(([currency, minor]) =>
          h("li", { className: "figure" }, h("span", {}, "up to "), view.money(minor, currency)),
        ),
      ),
      h("p", { className: "quiet" }, words),
    ];
  }
  let words = "Not known here yet.";
  if (alignment && status.firing.total) {
    words =
      "What fires cannot be valued: either too few deals have been won to say what a journey is worth, " +
      "or the rules speak of things that have no price, such as reasons, campaigns, content and feeds.";
  } else if (alignment) {
    words = "No alert fires, so nothing is counted here.";
  }
  return [title, h("p", { className: "figure" }, "–"), h("p", { className: "quiet" }, words)];
}

function tile({ sign, health, rules }, status, known) {
  const { name, what } = view.SIGNS[sign];
  const [state, words] = known ? stateOf(rules, health, status.firing.by_sign[sign] ?? 0) : UNKNOWN;
  return h(
    "li",
    { className: `sign ${state}` },
    h("span", { className: "number", "aria-hidden": "true" }, `${sign}`),
    h(
      "div",
      {},
      h("h3", {}, name),
      h("p", { className: "what" }, what),
      h("p", { className: "state" }, words),
      meter(known ? health : null),
      places(rules),
    ),
  );
}

/** `no_data` belongs to no sign: it says whether the others can see. */
function beside({ rules }, status, known) {
  const { name, what } = view.SIGNS[0];
  const [state, words] = known ? stateOf(rules, null, status.firing.by_sign[0] ?? 0) : UNKNOWN;
  return h(
    "li",
    { className: `sign beside ${state}` },
    h(
      "div",
      {},
      h("h3", {}, name),
      h("p", { className: "what" }, what),
      h("p", { className: "state" }, words),
    ),
    places(rules),
  );
}

const UNKNOWN = ["unknown", "not known here yet"];

/** How a sign stands, in a word for its colour and words for its reader. */
function stateOf(rules, health, firing) {
  const inState = (...states) => rules.filter((rule) => states.includes(rule.state)).length;
  const on = rules.length - inState("off");
  if (firing) return ["firing", `${some(firing, "alert")} firing`];
  if (rules.length && !on) return ["off", "off: nobody watches this"];
  if (inState("broken")) return ["strained", "broken, but not told of (yet)"];
  if (inState("holding")) return ["holding", "holding: data is missing"];
  const seeing = inState("kept");
  if (!seeing) return ["learning", inState("learning") ? "learning: too little is known" : "not known yet"];
  if (Number.isFinite(health) && health < 0.5) return ["strained", "moving away from usual"];
  return ["quiet", seeing < on ? `quiet, as far as ${seeing} of ${on} rules can tell` : "quiet"];
}

/** A health on a scale from 0 to 100. */
function meter(health) {
  const known = Number.isFinite(health);
  const words = known ? `Health ${hundred(health)} of 100` : "Health not known yet";
  const track = h("span", { className: "meter", "aria-hidden": "true" });
  if (known) {
    const fill = h("i", {});
    fill.style.inlineSize = `${Math.max(hundred(health), 1)}%`;
    track.append(fill);
  }
  return h("p", { className: known ? "health-of" : "health-of none" }, track, h("small", {}, words));
}

/** The rules of a sign, and in how many places each stands how. */
function places(rules) {
  return h(
    "ul",
    { className: "rules" },
    rules.map((rule) => {
      const counted = COUNTED.filter((state) => rule[state] > 0);
      const words = counted.length
        ? counted.map((state) => stand(state, `${count(rule[state])} ${view.STANDS[state].word}`))
        : [stand(rule.state, view.STANDS[rule.state]?.word ?? rule.state)];
      return h(
        "li",
        { className: `rule ${rule.state}` },
        h("span", { className: "name" }, view.ruleWords(rule.rule).watch),
        counted.length ? stack(rule, counted) : null,
        h("span", { className: "stands" }, words),
      );
    }),
  );
}

function stand(state, words) {
  return h(
    "span",
    { className: `stand ${state}` },
    h("i", { "aria-hidden": "true" }, `${view.STANDS[state]?.shape ?? ""} `),
    words,
  );
}

function stack(rule, counted) {
  return h(
    "span",
    { className: "placed", "aria-hidden": "true" },
    counted.map((state) => {
      const part = h("i", { className: state });
      part.style.flexGrow = rule[state];
      return part;
    }),
  );
}

/** What the words and shapes mean. */
export function drawLegend() {
  const words =
    "Health: 100 is as usual, 0 is where an alert is told of. A sign is as healthy as its weakest rule in the " +
    "whole company. The numbers beside a rule count the segments that it looks at, or what it looks at in them: " +
    "stages, reasons, campaigns, targets, feeds. Of a wider segment and those within it one alert speaks.";
  write("signs-fine", words);
  const kinds = Object.entries(view.STANDS).filter(([, { means }]) => means);
  $("signs-legend").replaceChildren(
    ...kinds.map(([state, { word, means }]) =>
      h("div", {}, h("dt", {}, stand(state, word)), h("dd", {}, means)),
    ),
  );
}
