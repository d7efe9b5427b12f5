// Words, numbers and small drawings: pure functions from values to text or elements.
// Everything that comes from an event becomes a text node here, never markup.

/** Makes an element. `props` are properties or, with a dash or for `role`, attributes. */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.includes("-") || name === "role" || name === "scope" || name === "for") {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export const $ = (id) => document.getElementById(id);

/** Sets the text of an element, if it is another one: what a screen reader is told twice is noise. */
export function write(id, text) {
  if ($(id).textContent !== text) $(id).textContent = text;
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

export const count = (n) => (Number.isFinite(n) ? whole.format(n) : "–");

export function percent(share, digits = 1) {
  if (!Number.isFinite(share)) return "–";
  return `${(share * 100).toFixed(digits)}\u202f%`;
}

/** `28–32 %`. */
function range(low, high, write) {
  return `${write(low).replace("\u202f%", "")}–${write(high)}`;
}

/** A share as a length on a scale from 0 to 1. */
const length = (share) => `${(Math.min(Math.max(share, 0), 1) * 100).toFixed(2)}%`;

/** `one lead`, `12 leads`. */
export function some(n, noun, plural = `${noun}s`) {
  return `${count(n)} ${n === 1 ? noun : plural}`;
}

export function money(minor, currency) {
  try {
    const format = new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 });
    const digits = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
    return format.format(minor / 10 ** digits.maximumFractionDigits);
  } catch {
    return `${count(minor)} minor units of ${currency}`;
  }
}

/** A span of time in two units at most. */
export function span(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const s = Math.round(Math.abs(seconds));
  if (s < 60) return `${s}\u00a0s`;
  const minutes = Math.round(s / 60);
  if (minutes < 60) return `${minutes}\u00a0min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours}\u00a0h ${minutes % 60}\u00a0min` : `${hours}\u00a0h`;
  const days = Math.round(hours / 24);
  return days < 730 ? some(days, "day") : some(Math.round(days / 365.25), "year");
}

/** Writes times in one zone, UTC where the zone is not known here. */
export function clock(zone) {
  const options = {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone: zone ?? "UTC",
  };
  let format;
  try {
    format = new Intl.DateTimeFormat("en-GB", options);
  } catch {
    format = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
  }
  const { timeZone } = format.resolvedOptions();
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone });
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  return {
    zone: timeZone,
    at: (ms) => (Number.isFinite(ms) ? format.format(new Date(ms)) : "–"),
    /** For tables: the day, with the time of day unless it is midnight. */
    short: (ms) => {
      const of = new Date(ms);
      return time.format(of) === "00:00" ? day.format(of) : `${day.format(of)}, ${time.format(of)}`;
    },
  };
}

export const SIGNS = {
  0: { name: "Beside the signs", what: "whether there is enough data to see them" },
  1: { name: "MQL tunnel vision", what: "marketing counts MQLs, sales counts deals" },
  2: { name: "Out of sync", what: "no word about leads, no word about campaigns" },
  3: { name: "Incurious marketing", what: "nobody asks what makes selling easier" },
  4: { name: "Shadow content", what: "sales writes its own material" },
};

/** Where a rule may stand. */
export const STANDS = {
  kept: { word: "as usual", shape: "✓", means: "it looks, and sees nothing to tell of" },
  broken: { word: "broken", shape: "▲", means: "beyond its threshold, or not yet over" },
  learning: { word: "learning", shape: "○", means: "too little is known to judge" },
  holding: { word: "holding", shape: "‖", means: "what it rests on has stopped arriving: it keeps what it said" },
  off: { word: "off", shape: "–", means: "switched off in the definitions" },
  idle: { word: "nothing to look at now", shape: "·", means: "no campaign, target or reason that it could judge" },
  unjudged: { word: "not judged since this instance started", shape: "·" },
};

export const SEVERITY = {
  page: { word: "Act now", tally: "to act on now", shape: "▲" },
  ticket: { word: "Act today", tally: "to act on today", shape: "◆" },
  info: { word: "For the record", tally: "for the record", shape: "●" },
};

export const STAGES = {
  lead: "Leads",
  mql: "MQLs",
  sal: "Accepted by sales",
  sql: "SQLs",
  opportunity: "Opportunities",
  customer: "Customers",
};

/** The step that leads from each stage to the next. */
export const NEXT = {
  lead: "lead_to_mql",
  mql: "mql_to_sal",
  sal: "sal_to_sql",
  sql: "sql_to_opportunity",
  opportunity: "opportunity_to_won",
};

/** The words of a rule that watches a share of bad outcomes. */
const SHARE = { value: "Now", threshold: "Normal at most", baseline: "Usual", unit: "share" };

/**
 * A rule in words: what it is called when it speaks, what it watches while it does not, what its value, threshold
 * and baseline are, and in which unit. `null` for one whose value is better said than drawn.
 */
const RULES = {
  divergence: {
    title: "More MQLs, of less worth",
    watch: "MQLs keep their worth",
    value: "Conversion now",
    threshold: "Normal at least",
    baseline: "Usual",
    unit: "share",
  },
  revenue_pace: {
    title: "MQLs on plan, revenue not",
    watch: "Revenue keeps pace with MQLs",
    value: "Of the plan so far",
    threshold: "Chance reaches down to",
    baseline: "Plan",
    unit: "share",
  },
  no_revenue_target: {
    title: "No target for revenue",
    watch: "Marketing has a target for revenue",
    unit: null,
  },
  first_touch_slo: {
    title: "First touch too late",
    watch: "First touch in time",
    value: "Kept in time",
    threshold: "Promised",
    baseline: "Usual",
    unit: "share",
  },
  silent_leads: { title: "No word about leads", watch: "A word on every lead", ...SHARE },
  reasonless_rejections: {
    title: "Sent back without a reason",
    watch: "A reason with what is sent back",
    ...SHARE,
  },
  launch_without_notice: {
    title: "Launched without notice",
    watch: "Notice of campaigns",
    value: "Notice given",
    threshold: "Asked for",
    unit: "time",
  },
  unanswered_rejections: {
    title: "The same reason again, unanswered",
    watch: "Marketing answers the first reason",
    value: "Of what is sent back",
    threshold: "Leads from",
    unit: "share",
  },
  stage_ageing: { title: "Growing old in a stage", watch: "Stages keep their pace", ...SHARE },
  absent_after_handoff: {
    title: "Open deals left alone by marketing",
    watch: "Marketing stays with open deals",
    ...SHARE,
  },
  sales_authored_share: {
    title: "Sales writes its own content",
    watch: "Deals begin with marketing's content",
    ...SHARE,
  },
  dead_library: { title: "Content that nobody uses", watch: "Marketing's content is used", ...SHARE },
  no_data: {
    title: "Data has stopped",
    watch: "Data keeps coming",
    value: "Silent for",
    threshold: "Limit",
    baseline: "Longest silence before",
    unit: "time",
  },
};

export function ruleWords(rule) {
  const title = rule.charAt(0).toUpperCase() + rule.slice(1).replaceAll("_", " ");
  const plain = { title, watch: title, value: "Measured", threshold: "Threshold", baseline: "Baseline" };
  return { ...plain, ...RULES[rule] };
}

export const ownerWords = { marketing: "Marketing", sales: "Sales", operations: "Operations" };

/** `all` → the whole company; `source=Web,region=EU` → `source Web · region EU`. */
export function segmentWords(segment) {
  if (segment === "all") return "The whole company";
  const plain = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const pairs = segment.split(",").map((pair) => {
    const [key, ...value] = pair.split("=");
    return value.length ? `${plain(key).replaceAll("_", " ")} ${plain(value.join("="))}` : plain(pair);
  });
  return pairs.join(" · ");
}

/** Seconds of business time, which has no days. */
function businessTime(seconds) {
  return `${short.format(seconds / 3600)}\u202fbusiness h`;
}

/**
 * A value with its interval on a short scale, beside the marks it is held against.
 * The scale spans what is drawn, not 0 to 100 %, so that close values can be told apart; its ends are
 * written. `unit` is `share`, `time` or nothing, for a plain number.
 */
export function gauge({ value, low, high, marks, label, unit = "share" }) {
  const points = [value, low, high, ...marks.map((mark) => mark.at)].filter(Number.isFinite);
  if (!Number.isFinite(value) || points.length === 0)
    return h("p", { className: "quiet" }, "No value yet.");
  const share = unit === "share";
  const plain = unit === "time" ? businessTime : (x) => short.format(x);
  const write = share ? percent : plain;
  let [from, to] = [Math.min(...points), Math.max(...points)];
  const room = (to - from) * 0.1 || Math.abs(from) * 0.1 || 0.1;
  [from, to] = [from - room, to + room];
  if (Math.min(...points) >= 0) from = Math.max(0, from);
  if (share) {
    // Ends that people know: whole steps of 1 or 5 %.
    const step = to - from > 0.12 ? 20 : 100;
    const most = Math.max(...points) > 1 ? Infinity : 1;
    [from, to] = [Math.floor(from * step) / step, Math.min(most, Math.ceil(to * step) / step)];
  }
  const where = (x) => length((x - from) / (to - from));
  const end = (x) => (share ? percent(x, 0) : plain(x));
  const track = h("div", { className: "track" });
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const band = h("span", { className: "band" });
    band.style.insetInlineStart = where(low);
    band.style.insetInlineEnd = length(1 - (high - from) / (to - from));
    track.append(band);
  }
  for (const mark of marks.filter((mark) => Number.isFinite(mark.at))) {
    const line = h("span", { className: `mark ${mark.kind}` });
    line.style.insetInlineStart = where(mark.at);
    track.append(line);
  }
  const dot = h("span", { className: "value" });
  dot.style.insetInlineStart = where(value);
  track.append(dot);
  const between = Number.isFinite(low) && Number.isFinite(high) ? ` (${range(low, high, write)})` : "";
  const held = marks
    .filter((mark) => Number.isFinite(mark.at))
    .map((mark) => `${mark.label} ${write(mark.at)}`);
  const spoken = `${label} ${write(value)}${between}${held.length ? `; ${held.join("; ")}` : ""}`;
  return h(
    "div",
    { className: "gauge" },
    h(
      "div",
      { role: "img", "aria-label": spoken },
      track,
      h(
        "div",
        { className: "ends", "aria-hidden": "true" },
        h("span", {}, end(from)),
        h("span", {}, end(to)),
      ),
    ),
    h(
      "dl",
      { className: "legend", "aria-hidden": "true" },
      h(
        "div",
        {},
        h("dt", { className: "key value" }, label),
        h("dd", {}, h("strong", {}, write(value)), between),
      ),
      marks
        .filter((mark) => Number.isFinite(mark.at))
        .map((mark) =>
          h("div", {}, h("dt", { className: `key ${mark.kind}` }, mark.label), h("dd", {}, write(mark.at))),
        ),
    ),
  );
}

/** A share with its interval, small enough for a table; always on a scale from 0 to 100 %. */
export function ratio(figure, { few = 10 } = {}) {
  if (!figure || !Number.isFinite(figure.value)) {
    const young = figure?.excluded_immature ?? 0;
    return h("span", { className: "quiet" }, young ? `${some(young, "lead")} too young` : "no outcome yet");
  }
  const { value, interval_low: low, interval_high: high, n, excluded_immature: young } = figure;
  const bar = h("span", { className: "share", "aria-hidden": "true" });
  const fill = h("i", { className: "fill" });
  fill.style.inlineSize = length(value);
  bar.append(fill);
  if (Number.isFinite(low) && Number.isFinite(high)) {
    const band = h("i", { className: "whisker" });
    band.style.insetInlineStart = length(low);
    band.style.inlineSize = length(Math.max(high - low, 0.004));
    bar.append(band);
  }
  const between =
    Number.isFinite(low) && Number.isFinite(high) ? range(low, high, (x) => percent(x, 0)) : null;
  const basis = [
    between,
    `of ${n < few ? "only " : ""}${count(n)}`,
    young ? `${count(young)} too young` : null,
  ]
    .filter(Boolean)
    .join(" · ");
  return h(
    "span",
    { className: n < few ? "ratio few" : "ratio" },
    h("strong", {}, percent(value)),
    bar,
    h("small", {}, basis),
  );
}

/** A plain bar, its length the share of the largest; nothing for nothing. */
export function bar(n, largest) {
  const track = h("span", { className: "bar", "aria-hidden": "true" });
  if (n > 0 && largest > 0) {
    const fill = h("i", { className: "fill" });
    fill.style.inlineSize = length(Math.max(n / largest, 0.006));
    track.append(fill);
  }
  return track;
}
