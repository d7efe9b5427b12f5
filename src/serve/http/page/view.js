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
  return {
    zone: format.resolvedOptions().timeZone,
    at: (ms) => (Number.isFinite(ms) ? format.format(new Date(ms)) : "–"),
  };
}

export const SIGNS = {
  0: { name: "No data", what: "something that used to arrive has stopped" },
  1: { name: "MQL tunnel vision", what: "more leads, of less worth" },
  2: { name: "Out of sync", what: "leads wait for a first touch" },
  3: { name: "Incurious marketing", what: "what sales reports goes unanswered" },
  4: { name: "Shadow content", what: "sales writes its own material" },
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

/** What the value, the threshold and the baseline of a rule are, in words. */
const RULES = {
  first_touch_slo: {
    title: "First touch too late",
    value: "Kept in time",
    threshold: "Promised",
    baseline: "Usual",
  },
  divergence: { title: "More MQLs, of less worth", value: "Conversion now", threshold: "What was normal" },
  no_data: { title: "Data has stopped", value: "Now", threshold: "Expected" },
};

export function ruleWords(rule) {
  const title = rule.charAt(0).toUpperCase() + rule.slice(1).replaceAll("_", " ");
  return { title, value: "Measured", threshold: "Threshold", baseline: "Baseline", ...RULES[rule] };
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

/** Whether figures are shares of one, as far as they themselves tell. */
function shares(figures) {
  return figures.every((x) => x >= 0 && x <= 1);
}

/**
 * A value with its interval on a short scale, beside the marks it is held against.
 * The scale spans what is drawn, not 0 to 100 %, so that close values can be told apart; its ends are
 * written.
 */
export function gauge({ value, low, high, marks, label }) {
  const points = [value, low, high, ...marks.map((mark) => mark.at)].filter(Number.isFinite);
  if (!Number.isFinite(value) || points.length === 0)
    return h("p", { className: "quiet" }, "No value yet.");
  const share = shares(points);
  const write = (x) => (share ? percent(x) : short.format(x));
  let [from, to] = [Math.min(...points), Math.max(...points)];
  const room = (to - from) * 0.1 || Math.abs(from) * 0.1 || 0.1;
  [from, to] = [from - room, to + room];
  if (share) {
    // Ends that people know: whole steps of 1 or 5 %.
    const step = to - from > 0.12 ? 20 : 100;
    [from, to] = [Math.max(0, Math.floor(from * step) / step), Math.min(1, Math.ceil(to * step) / step)];
  }
  const where = (x) => length((x - from) / (to - from));
  const end = (x) => (share ? percent(x, 0) : short.format(x));
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
