// The page: follows /api/v1/events, fetches what has changed, draws it.
// One look answers "are the two partners getting along?"; everything below says why.

import { drawAges, drawAlerts } from "./alerts.js";
import { drawAlignment, drawLegend, overview } from "./alignment.js";
import { drawFunnel } from "./funnel.js";
import * as view from "./view.js";

const { $, h, count, some, span, write } = view;

/** Not asked more often than this, in ms; the funnel of a busy company changes all the time. */
const EVERY = { funnel: 2000, alignment: 1000 };
/** How long until a lost line is tried again, in ms. */
const RETRY_FIRST = 1000;
const RETRY_LAST = 30000;
/** Behind the clock by more than this, the page says so, in seconds. */
const BEHIND = 3600;
const OUTCOMES = {
  duplicate: "repeated",
  late: "too late",
  dead_letter: "unreadable",
  ignored: "ignored",
  forwarded: "sent on",
};
const SEVERITIES = ["page", "ticket", "info"];

const seen = { status: null, alignment: null };
const fetched = { alerts: -1, alignment: -1, funnel: -1 };
const turns = { alerts: 0, alignment: 0, funnel: 0 };

// ---- What arrives ------------------------------------------------------------------------------

function follow(retry = RETRY_FIRST) {
  const source = new EventSource("api/v1/events");
  source.addEventListener("status", (event) => {
    retry = RETRY_FIRST;
    line("live", "Live");
    take(JSON.parse(event.data));
  });
  // Another line may lead to another process: everything is asked again.
  source.onopen = () => Object.assign(fetched, { alerts: -1, alignment: -1, funnel: -1 });
  source.onerror = () => {
    line("lost", "Reconnecting… the figures below are the last ones known");
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => follow(Math.min(retry * 2, RETRY_LAST)), retry);
    }
  };
}

function line(state, words) {
  if ($("line").dataset.state === state) return;
  $("line").dataset.state = state;
  $("line-text").textContent = words;
}

function take(status) {
  seen.status = status;
  draw();
  if (status.alerts_version !== fetched.alerts) ask("alerts", status.alerts_version, drawAlerts);
  if (status.alignment_version !== fetched.alignment) askLater("alignment", takeAlignment);
  if (status.funnel_version !== fetched.funnel) askLater("funnel", drawFunnel);
}

async function ask(what, version, then) {
  fetched[what] = version;
  const turn = ++turns[what];
  try {
    const answer = await fetch(`api/v1/${what}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const body = await answer.json();
    if (turn !== turns[what]) return; // A later question was asked meanwhile.
    then(body, seen.status);
  } catch (error) {
    fetched[what] = -1; // The next event asks again.
    console.warn(`/api/v1/${what}:`, error);
  }
}

const askedAt = {};
const timers = {};

function askLater(what, then) {
  if (timers[what]) return;
  const wait = Math.max(0, (askedAt[what] ?? -Infinity) + EVERY[what] - performance.now());
  timers[what] = setTimeout(() => {
    delete timers[what];
    askedAt[what] = performance.now();
    ask(what, seen.status[`${what}_version`], then);
  }, wait);
}

function takeAlignment(alignment) {
  seen.alignment = alignment;
  draw();
}

// ---- The verdict -------------------------------------------------------------------------------

function draw() {
  const { status } = seen;
  const clock = view.clock(status.definitions?.zone);
  const behind = (Date.now() - status.aligned_at) / 1000;
  const known = status.ready && status.judged_here && status.aligned_at !== null;
  const judged = known && (seen.alignment || status.firing.total > 0);
  document.body.dataset.mood = judged ? mood(status) : "unknown";
  const [title, sub] = judged ? verdict(status, clock, behind) : waiting(status, known);
  write("verdict", title);
  write("verdict-sub", sub);
  const late = known && Math.abs(behind) > BEHIND;
  const why =
    behind > 0
      ? "Time in the events runs behind the clock: history is being read, or a source holds time back."
      : "Time in the events runs ahead of the clock, as it does in a simulation.";
  write("verdict-note", late ? why : "");
  $("verdict-note").hidden = !late;
  const n = status.firing.total;
  $("onward").hidden = !(known && n);
  document.title = known && n ? `${some(n, "alert")} firing – rapport` : "rapport";
  drawAlignment(seen.alignment, status, known);
  drawAges(status);
  drawHealth(clock, behind);
}

function mood({ firing }) {
  const ofSigns = firing.total - (firing.by_sign[0] ?? 0);
  if (ofSigns) return firing.by_severity.page ? "apart" : "strained";
  // What nobody can see is neither well nor ill.
  return !firing.total && Number.isFinite(seen.alignment?.alignment_score) ? "calm" : "unknown";
}

function verdict(status, clock, behind) {
  const { firing } = status;
  const far = behind > 0 ? "behind the clock" : "ahead of the clock";
  const when = `Judged up to ${clock.at(status.aligned_at)} (${clock.zone}), ${span(behind)} ${far}.`;
  if (firing.total === 0) return quiet(when);
  const parts = SEVERITIES.filter((s) => firing.by_severity[s]).map(
    (s) => `${count(firing.by_severity[s])} ${view.SEVERITY[s].tally}`,
  );
  let title = "Marketing and sales need to talk.";
  if (firing.total === firing.by_sign[0]) title = "Data is missing.";
  else if (firing.by_severity.page) title = "Marketing and sales are drifting apart.";
  return [title, `${some(firing.total, "alert")} firing: ${parts.join(", ")}.${held()} ${when}`];
}

/** That no alert fires says something only as far as rules can see. */
function quiet(when) {
  const { known, on, inState } = overview(seen.alignment);
  if (on === 0) return ["Nobody is looking.", `Every rule is off. ${when}`];
  const learning = inState("learning");
  if (known.length === 0) {
    const rest = learning ? `: ${learning === on ? `all ${on}` : `${learning} of ${on}`} rules are learning` : "";
    const title = inState("holding") ? "Data is missing." : "Too early to tell.";
    return [title, `No alert is firing, and no sign is known${rest}.${held()} ${when}`];
  }
  const seeing = inState("kept", "broken");
  const rest = learning ? `; ${learning} ${learning === 1 ? "is" : "are"} learning` : "";
  const far = seeing < on ? `, as far as ${seeing} of ${on} rules can tell${rest}` : "";
  const title =
    seen.alignment.alignment_score < 50
      ? "No alert yet, but something is moving."
      : "Marketing and sales are getting along.";
  return [title, `No alert is firing${far}.${held()} ${when}`];
}

/** What is said where rules hold because data is missing. */
function held() {
  const n = seen.alignment ? overview(seen.alignment).inState("holding") : 0;
  return n ? ` ${some(n, "rule holds", "rules hold")} what they said: data is missing.` : "";
}

function waiting(status, known) {
  if (known) return ["Are marketing and sales getting along?", "Asking the daemon…"];
  if (!status.ready) return ["Getting ready.", `Waiting for this: ${status.waiting_for}.`];
  if (!status.judged_here && status.partitions.length) {
    const sub =
      `This instance reads ${some(status.partitions.length, "partition")} of the event log. ` +
      "Alerts and windows are judged by another instance: look at its page.";
    return ["The verdict is elsewhere.", sub];
  }
  if (status.records_total > 0) {
    const sub =
      "Events arrive, but time does not move yet: every source in the definitions has to report first.";
    return ["Waiting for every source.", sub];
  }
  const sub =
    "No event has arrived yet. Write CRM events to the event log, " +
    "or run “rapport demo” to watch a made-up company.";
  return ["Nothing to judge yet.", sub];
}

// ---- Health ------------------------------------------------------------------------------------

function drawHealth(clock, behind) {
  const { status } = seen;
  const outcomes = Object.entries(status.records)
    .filter(([word, n]) => n > 0 && word !== "applied")
    .map(([word, n]) => `${count(n)} ${OUTCOMES[word] ?? word}`);
  const reasons = Object.entries(status.dead_letters).map(
    ([word, n]) => `${count(n)} ${word.replaceAll("_", " ")}`,
  );
  const lags = [...status.partitions, ...status.sources].map((p) => p.lag_records).filter(Number.isFinite);
  const lag = lags.length
    ? `${some(
        lags.reduce((a, b) => a + b, 0),
        "record",
      )} still to read`
    : null;
  const time =
    Number.isFinite(status.aligned_at) && status.aligned_at !== null
      ? [clock.at(status.aligned_at), `${span(behind)} ${behind > 0 ? "behind" : "ahead of"} the clock`]
      : ["–", null];
  const rows = [
    ["Records read", count(status.records_total), outcomes.join(" · ") || null],
    [
      "Dead letters",
      count(status.dead_letters_total),
      reasons.join(" · ") || "since this instance started",
    ],
    ["Event time", ...time],
    ["Partitions", count(status.partitions.length), lag],
    [
      "Segments",
      count(status.segments),
      status.definitions ? `definitions no. ${status.definitions.number}` : null,
    ],
    ["Commits", count(status.commits), status.rebuilds ? some(status.rebuilds, "rebuild") : null],
  ];
  $("health").replaceChildren(
    ...rows.map(([name, value, more]) =>
      h(
        "div",
        {},
        h("dt", {}, name),
        h("dd", {}, h("strong", {}, value), more ? h("small", {}, more) : null),
      ),
    ),
  );
  write("version", `rapport ${status.daemon_version}`);
}

// Time passes even when nothing arrives.
setInterval(() => seen.status && draw(), 30000);
drawLegend();
follow();
