// The funnel: its stages, the first touch, what comes back, and the segments side by side.

import * as view from "./view.js";

const { $, h, count, percent, some, span, write } = view;

const WINDOW = "28d";

/** The segment whose funnel is drawn. */
let chosen = "all";
/** What was drawn last, to be drawn again when another segment is chosen. */
let last = null;

/** Draws everything that comes from the windows. */
export function drawFunnel(funnel, status) {
  last = { funnel, status };
  const { segments, segments_total: total } = funnel;
  const none = segments.length === 0;
  $("funnel-empty").hidden = !none;
  const here = status.judged_here || !status.partitions.length;
  write(
    "funnel-empty",
    !here
      ? "The funnel is counted by another instance."
      : "No figures yet. They come once time in the events moves on, " +
          "and it moves when every source in the definitions has reported.",
  );
  for (const id of ["partners", "choose"]) $(id).hidden = none;
  $("segments-section").hidden = segments.length < 2;
  if (none) {
    $("funnel").replaceChildren();
    return;
  }
  if (!segments.some(({ segment }) => segment === chosen)) chosen = segments[0].segment;
  drawChoice(segments);
  const { results } = segments.find(({ segment }) => segment === chosen);
  $("funnel").replaceChildren(stages(results));
  $("touch").replaceChildren(...touch(results, status));
  $("says").replaceChildren(...says(results));
  $("segments").replaceChildren(...bySegment(segments, total));
}

function drawChoice(segments) {
  const select = $("segment");
  const names = segments.map(({ segment }) => segment);
  if (names.join("\n") !== [...select.options].map((option) => option.value).join("\n")) {
    select.replaceChildren(...names.map((value) => h("option", { value }, view.segmentWords(value))));
  }
  select.value = chosen;
}

$("segment").addEventListener("change", (event) => {
  choose(event.target.value);
});

function choose(segment) {
  chosen = segment;
  drawFunnel(last.funnel, last.status);
}

const figure = (results, measure, window = WINDOW) => results[measure]?.[window];
/** The one window of a measure whose window depends on the definitions. */
const only = (results, measure) => Object.values(results[measure] ?? {}).at(-1);

function table(caption, heads, rows) {
  return h(
    "table",
    { role: "table" },
    h("caption", { className: "unseen" }, caption),
    h(
      "thead",
      { role: "rowgroup" },
      h(
        "tr",
        { role: "row" },
        heads.map((head) => h("th", { scope: "col", role: "columnheader" }, head)),
      ),
    ),
    h(
      "tbody",
      { role: "rowgroup" },
      rows.map((row) =>
        h(
          "tr",
          { role: "row" },
          row.map((cell, i) =>
            h(
              i ? "td" : "th",
              i ? { role: "cell", "data-label": heads[i] } : { role: "rowheader", scope: "row" },
              cell,
            ),
          ),
        ),
      ),
    ),
  );
}

function stages(results) {
  const entered = (stage) => figure(results, `entered_${stage}`)?.value ?? 0;
  const names = Object.keys(view.STAGES);
  const largest = Math.max(...names.map(entered));
  const rows = names.map((stage) => {
    const n = entered(stage);
    const open = figure(results, `open_${stage}`, "now")?.value;
    const age = figure(results, `open_${stage}_age_days_p90`, "now")?.value;
    const aged =
      open && Number.isFinite(age) ? h("small", {}, `9 of 10 younger than ${some(age + 1, "day")}`) : null;
    const step = view.NEXT[stage];
    return [
      view.STAGES[stage],
      h("span", { className: "volume" }, view.bar(n, largest), h("strong", {}, count(n))),
      h("span", { className: "open" }, h("strong", {}, open ? count(open) : "–"), aged),
      step
        ? view.ratio(only(results, `${step}_kaplan_meier`))
        : h("span", { className: "quiet" }, "the end of the funnel"),
    ];
  });
  const whole = [
    ["mql_to_sql", "MQL to SQL"],
    ["mql_to_won", "MQL to won"],
    ["sql_to_won", "SQL to won"],
  ];
  return h(
    "div",
    {},
    table(
      "The funnel by stage",
      ["Stage", "Entered in 28 days", "Open now", "Go on to the next stage"],
      rows,
    ),
    h(
      "dl",
      { className: "steps" },
      whole.map(([step, name]) =>
        h("div", {}, h("dt", {}, name), h("dd", {}, view.ratio(only(results, `${step}_kaplan_meier`)))),
      ),
    ),
    h(
      "p",
      { className: "fine" },
      "Conversion is estimated by cohort of entry with the Kaplan–Meier method: leads too young " +
        "to have converted count for as long as they have been watched, never as lost. The bar is the " +
        "estimate, the whisker its 95 % interval.",
    ),
  );
}

function touch(results, status) {
  const kept = figure(results, "first_touch_attainment");
  const promise = status.definitions?.promise;
  const hours = promise ? span(promise.within_minutes * 60) : null;
  const marks = promise ? [{ at: promise.target, label: "Promised", kind: "threshold" }] : [];
  const heard = kept && Number.isFinite(kept.value);
  const sentence = promise
    ? `Promised: a human touch by sales for ${percent(promise.target, 0)} of MQLs, ` +
      `within ${hours} of business time.`
    : "No promise is set; the first touch is measured all the same.";
  const state =
    heard && promise
      ? h(
          "p",
          { className: "state" },
          kept.value >= promise.target
            ? "✓ Kept, over the last 28 days."
            : "▽ Less than promised, over the last 28 days.",
        )
      : null;
  const delay = (part, p) => span(figure(results, `first_touch_${part}_seconds_p${p}`)?.value ?? NaN);
  const parts = [
    ["total", "From MQL to touch"],
    ["routing", "… until assigned"],
    ["human", "… from then on"],
  ];
  return [
    h("p", {}, sentence),
    state,
    heard
      ? view.gauge({
          value: kept.value,
          low: kept.interval_low ?? NaN,
          high: kept.interval_high ?? NaN,
          marks,
          label: "Kept",
        })
      : h("p", { className: "quiet" }, "No MQL has had its touch, or its deadline, in 28 days."),
    table(
      "Delays of the first touch",
      ["Business time", "Half within", "9 of 10 within"],
      parts.map(([part, name]) => [name, delay(part, 50), delay(part, 90)]),
    ),
    heard ? h("p", { className: "fine" }, `Rests on ${some(kept.n, "MQL")} of the last 28 days.`) : null,
  ].filter(Boolean);
}

function says(results) {
  const verdicts = ["accepted", "rejected", "recycled", "disqualified"];
  const shares = verdicts.map((verdict) => [verdict, figure(results, `${verdict}_share`)?.value ?? NaN]);
  const n = figure(results, "accepted_share")?.n ?? 0;
  const stack = h(
    "div",
    { className: "stack", "aria-hidden": "true" },
    shares.map(([verdict, share]) => {
      const part = h("i", { className: verdict });
      part.style.inlineSize = Number.isFinite(share) ? `${share * 100}%` : "0";
      return part;
    }),
  );
  const reasonless = figure(results, "reasonless_share");
  const deals = (state) => count(figure(results, `deals_${state}`)?.value ?? NaN);
  const won = Object.keys(results)
    .filter((measure) => measure.startsWith("won_amount_minor_"))
    .map((measure) =>
      view.money(figure(results, measure)?.value ?? 0, measure.slice("won_amount_minor_".length)),
    );
  return [
    h(
      "p",
      {},
      n ? `${some(n, "verdict")} of sales on leads in 28 days.` : "Sales has given no verdict in 28 days.",
    ),
    n ? stack : null,
    n
      ? h(
          "dl",
          { className: "says" },
          shares.map(([verdict, share]) =>
            h("div", {}, h("dt", { className: `key ${verdict}` }, verdict), h("dd", {}, percent(share))),
          ),
        )
      : null,
    reasonless && Number.isFinite(reasonless.value)
      ? h(
          "p",
          {},
          h("strong", {}, percent(reasonless.value)),
          " of what is sent back comes without a reason.",
        )
      : null,
    h(
      "dl",
      { className: "deals" },
      ["opened", "won", "lost"].map((state) =>
        h("div", {}, h("dt", {}, `Deals ${state}`), h("dd", {}, deals(state))),
      ),
    ),
    won.length ? h("p", {}, "Deals won are worth ", h("strong", {}, won.join(" + ")), ".") : null,
  ].filter(Boolean);
}

function bySegment(segments, total) {
  const largest = Math.max(
    ...segments.slice(1).map(({ results }) => figure(results, "entered_mql")?.value ?? 0),
  );
  const rows = segments.map(({ segment, results }) => {
    const n = figure(results, "entered_mql")?.value ?? 0;
    const button = h(
      "button",
      { type: "button", className: "plain", "aria-pressed": `${segment === chosen}` },
      view.segmentWords(segment),
    );
    button.addEventListener("click", () => {
      choose(segment);
      $("funnel-title").focus();
    });
    return [
      button,
      h(
        "span",
        { className: "volume" },
        view.bar(segment === "all" ? 0 : n, largest),
        h("strong", {}, count(n)),
      ),
      count(figure(results, "entered_sql")?.value ?? 0),
      count(figure(results, "entered_customer")?.value ?? 0),
      view.ratio(only(results, "mql_to_sql_kaplan_meier")),
      view.ratio(figure(results, "first_touch_attainment")),
    ];
  });
  const heads = ["Segment", "MQLs, 28 days", "SQLs", "Won", "MQL to SQL", "First touch kept"];
  const left = total - segments.length;
  return [
    table("Figures by segment", heads, rows),
    left > 0
      ? h(
          "p",
          { className: "fine" },
          `${some(left, "smaller segment")} not shown; any of them is at /api/v1/funnel?segment=….`,
        )
      : null,
  ].filter(Boolean);
}
