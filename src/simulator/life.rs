//! One lead's life from its arrival to its deal: marketing nurtures it, routing assigns it, a rep
//! touches it, gives a verdict and qualifies it, or doesn't.
//!
//! The lags and shares are those of the healthy company; the faults have their say where one of them
//! could change what happens.

use compact_str::format_compact;

use super::deal;
use super::fault::{ONE_REASON, Routing, slow_touch_ms};
use super::lead::{Birth, Lead};
use super::moods::{Mood, tilted};
use super::sampling::LogNormal;
use super::world::World;
use crate::model::event::{Body, Event};
use crate::model::words::{Stage, Team, Verdict};
use crate::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS};

/// From the MQL entry to the assignment, around the clock: routing is a machine.
const ROUTING: LogNormal = LogNormal { median: 4.0 * MINUTE_MS as f64, sigma: 0.9 };
/// From the assignment to the first human touch, in working time.
const TOUCH: LogNormal = LogNormal { median: 34.0 * MINUTE_MS as f64, sigma: 0.95 };
/// From the assignment to the verdict, in working time.
const VERDICT: LogNormal = LogNormal { median: 5.0 * HOUR_MS as f64, sigma: 0.75 };
/// From the MQL entry to the SQL entry. Nights and weekends come on top, the median ends near 2 days.
const MQL_TO_SQL: LogNormal = LogNormal { median: 1.0 * DAY_MS as f64, sigma: 1.55 };
/// From acceptance to the disqualification of those who don't become SQLs.
const SAL_TO_OUT: LogNormal = LogNormal { median: 8.0 * DAY_MS as f64, sigma: 0.7 };
/// From the MQL entry to the day on which somebody cleans up what was forgotten.
const CLEAN_UP: LogNormal = LogNormal { median: 12.0 * DAY_MS as f64, sigma: 0.5 };
/// From a recycling to the next MQL entry.
const REQUALIFIED: LogNormal = LogNormal { median: 21.0 * DAY_MS as f64, sigma: 0.4 };
/// The most MQL cycles of one lead.
const CYCLES_MAX: u32 = 3;

/// The share of MQLs that routing forgets.
const UNROUTED: f64 = 0.002;
/// The share of MQLs that their rep forgets.
const FORGOTTEN: f64 = 0.004;
/// The share of MQLs that are touched but get no verdict.
const UNJUDGED: f64 = 0.015;
/// What becomes of those that are neither neglected nor qualified.
const UNQUALIFIED: [(Outcome, f64); 4] = [
    (Outcome::Accepted, 0.25),
    (Outcome::Negative(Verdict::Rejected), 0.37),
    (Outcome::Negative(Verdict::Recycled), 0.27),
    (Outcome::Negative(Verdict::Disqualified), 0.11),
];
/// Why sales says no. As everywhere one reason leads and the others fall off (Zipf's law); marketing has to answer it.
pub(super) const REASONS: [(&str, f64); 5] = [
    ("no_budget", 0.43),
    (ONE_REASON, 0.22),
    ("bad_timing", 0.15),
    ("bad_record", 0.11),
    ("misrouted", 0.09),
];
/// The share of negative verdicts without a reason.
const REASONLESS: f64 = 0.05;
/// The share of acceptances that nobody wrote down as a verdict, and as an entry to `sal`.
const UNSAID_ACCEPTANCE: f64 = 0.08;
const UNSAID_SAL: f64 = 0.05;

/// How an MQL cycle ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Unrouted,
    Forgotten,
    Unjudged,
    Qualified,
    Accepted,
    Negative(Verdict),
}

/// The whole life of a lead that arrives, as the events before the end of the scenario.
pub(super) fn live(world: &World, birth: Birth) -> Vec<Event> {
    let mut lead = Lead::born(world, birth);
    let is_kept_away = |(source, from, to): (usize, EventTime, EventTime)| {
        lead.whom.source == source && from <= birth.at && birth.at < to
    };
    if world.scenario.outage().is_some_and(is_kept_away) {
        return Vec::new();
    }
    let last_heard = lead.accident();
    let mut mql_at = lead.nurture();
    let mut cycles = 0;
    while let Some(at) = mql_at.filter(|_| cycles < CYCLES_MAX) {
        mql_at = lead.cycle(at);
        cycles += 1;
    }
    if let Some(at) = last_heard {
        lead.diary.cut_after(at);
    } else if let Some(at) = world.scenario.merge_wave() {
        lead.merge_away(at);
    }
    let Lead { diary, mut fault, .. } = lead;
    let mut events = diary.close(world.scenario.end());
    if world.faults.swallow_anything() {
        events.retain(|event| !world.faults.swallows(event, &mut fault));
    }
    events
}

impl Lead<'_> {
    /// One MQL cycle; says when the next one begins, if there is one.
    fn cycle(&mut self, mql_at: EventTime) -> Option<EventTime> {
        self.enter(mql_at, Stage::Mql);
        let outcome = self.outcome(mql_at);
        if outcome == Outcome::Unrouted {
            self.clean_up(mql_at);
            return None;
        }
        let routing = self.world.faults.routing(mql_at, self.whom, &mut self.fault);
        let assigned_at = self.assign(mql_at, routing);
        if outcome == Outcome::Forgotten {
            self.clean_up(mql_at);
            return None;
        }
        let touched_at = self.first_touch(mql_at, assigned_at, routing);
        let talked_ms = self.sales.between(5, 25) * MINUTE_MS;
        let talked_at = self.work(touched_at, talked_ms);
        let verdict_lag_ms = (self.sales.lag_ms(VERDICT) as f64 * self.delay(mql_at)) as i64;
        let verdict_at = self.work(assigned_at, verdict_lag_ms).max(talked_at);
        match outcome {
            Outcome::Qualified => self.qualify(mql_at, touched_at, talked_at, verdict_at),
            Outcome::Accepted => {
                self.accept(verdict_at);
                let lag_ms = self.lag_ms(SAL_TO_OUT, verdict_at);
                let stuck_ms = self.sticks_ms(Stage::Sal, 0.9, verdict_at);
                let out_at = self.in_working_hours(verdict_at.plus_ms(lag_ms + stuck_ms));
                self.refuse(out_at, Verdict::Disqualified);
            }
            Outcome::Negative(verdict) => {
                let given = self.refuse(verdict_at, verdict);
                if verdict == Verdict::Recycled && given {
                    return self.requalified(verdict_at);
                }
            }
            Outcome::Unrouted | Outcome::Forgotten | Outcome::Unjudged => self.clean_up(mql_at),
        }
        None
    }

    fn outcome(&mut self, mql_at: EventTime) -> Outcome {
        let moods = &self.world.moods;
        let neglect = moods.factor(Mood::Neglect, mql_at);
        let [unrouted, forgotten, unjudged] = [UNROUTED, FORGOTTEN, UNJUDGED].map(|share| neglect * share);
        let neglected = unrouted + forgotten + unjudged;
        let mql_to_sql = moods.share(self.mql_to_sql, Mood::Quality, mql_at);
        let luck = self.sales.unit();
        let (quality, rest) = (self.sales.unit(), self.sales.pick(UNQUALIFIED.iter().map(|entry| entry.1)));
        match luck {
            _ if luck < unrouted => Outcome::Unrouted,
            _ if luck < unrouted + forgotten => Outcome::Forgotten,
            _ if luck < neglected => Outcome::Unjudged,
            _ if quality < mql_to_sql / (1.0 - neglected) => Outcome::Qualified,
            _ => UNQUALIFIED[rest].0,
        }
    }

    /// Routing gives the lead to a rep, and in many cases a machine writes the first mail.
    fn assign(&mut self, mql_at: EventTime, routing: Routing) -> EventTime {
        let company = &self.world.scenario.company;
        let lag_ms = self.sales.lag_ms(ROUTING).max(1_000);
        let at = match routing {
            Routing::AsEver | Routing::Never => mql_at.plus_ms(lag_ms),
            Routing::Slow(work_ms) => self.work(mql_at, work_ms),
        };
        self.rep = self.sales.below(u64::from(company.reps)) as usize;
        let rep = 1 + self.rep;
        let team = format_compact!("sales-{}", company.regions[self.whom.region].name);
        let owner_id = format_compact!("rep-{rep:02}");
        match routing {
            Routing::Never => self.diary.leave_out(),
            Routing::AsEver | Routing::Slow(_) => {
                let lead_id = self.id.clone();
                self.diary.write(at, Body::LeadAssigned { lead_id, owner_id, team: Some(team) });
            }
        }
        if self.sales.chance(0.3) {
            let mailed_at = at.plus_ms(self.sales.between(30_000, 10 * MINUTE_MS));
            self.touch(mailed_at, Team::Sales, "sequence", true);
        }
        if self.sales.chance(0.1) {
            let unasked_at = at.plus_ms(self.sales.between(0, 2 * HOUR_MS));
            let at = self.in_working_hours(unasked_at);
            self.touch(at, Team::Marketing, "call", false);
        }
        at
    }

    /// The first human touch by sales, and what follows it within days.
    fn first_touch(&mut self, mql_at: EventTime, assigned_at: EventTime, routing: Routing) -> EventTime {
        let usual_ms = ((self.sales.lag_ms(TOUCH) as f64 * self.delay(mql_at)) as i64).max(1_000);
        let slow = self.world.scenario.company.slow_touches;
        let delay_ms = match routing {
            Routing::Never => slow_touch_ms(&mut self.fault),
            // Sales calls as many in time as ever.
            _ if self.is_of_a_surge() => slow_touch_ms(&mut self.fault),
            _ if slow > 0.0 && self.fault.chance(slow) => slow_touch_ms(&mut self.fault),
            _ => self.world.faults.touch_delay_ms(usual_ms, mql_at, self.whom, &mut self.fault),
        };
        let at = self.work(assigned_at, delay_ms);
        let channel = if self.sales.chance(0.6) { "call" } else { "email" };
        self.touch(at, Team::Sales, channel, false);
        for _ in 0..self.sales.below(3) {
            let later_ms = self.sales.between(HOUR_MS, 16 * HOUR_MS);
            let again_at = self.work(at, later_ms);
            self.touch(again_at, Team::Sales, "call", false);
        }
        at
    }

    /// Acceptance, the SQL entry and, mostly, a deal.
    fn qualify(
        &mut self,
        mql_at: EventTime,
        touched_at: EventTime,
        talked_at: EventTime,
        verdict_at: EventTime,
    ) {
        let lag_ms = self.lag_ms(MQL_TO_SQL, mql_at);
        let earliest_ms = self.sales.between(30, 90) * MINUTE_MS;
        let sql_at = self.in_working_hours(mql_at.plus_ms(lag_ms)).max(self.work(touched_at, earliest_ms));
        let accepted_at = if verdict_at < sql_at { verdict_at } else { talked_at };
        self.accept(accepted_at);
        self.enter(sql_at, Stage::Sql);
        if !deal::pursue(self, sql_at) {
            let lag_ms = self.lag_ms(SAL_TO_OUT, sql_at);
            let out_at = self.in_working_hours(sql_at.plus_ms(lag_ms));
            self.refuse(out_at, Verdict::Disqualified);
        }
    }

    /// Sales takes the lead: a verdict, an entry to `sal`, mostly both.
    fn accept(&mut self, at: EventTime) {
        let how = self.sales.unit();
        if how >= UNSAID_ACCEPTANCE {
            self.dispose(at, Verdict::Accepted, None);
        }
        if !(UNSAID_ACCEPTANCE..UNSAID_ACCEPTANCE + UNSAID_SAL).contains(&how) {
            let entered_at = at.plus_ms(self.sales.between(0, 5_000));
            self.enter(entered_at, Stage::Sal);
        }
    }

    /// Sales turns the lead down; says whether it said so.
    fn refuse(&mut self, at: EventTime, verdict: Verdict) -> bool {
        let moods = &self.world.moods;
        let weights = REASONS.iter().enumerate().map(|(i, reason)| reason.1 * moods.of_reason(i, at));
        let usual = REASONS[self.sales.pick(weights)].0;
        let reasonless = moods.share(REASONLESS, Mood::Reasonless, at);
        let said = !self.sales.chance(tilted(reasonless, moods.rep(self.rep).reasonless));
        let reason = self.world.faults.reason(said.then_some(usual), at, self.whom, &mut self.fault);
        let given = self.dispose(at, verdict, reason);
        if verdict == Verdict::Disqualified {
            match given {
                true => self.enter(at, Stage::Disqualified),
                false => self.diary.leave_out(),
            }
        }
        given
    }

    /// Long after, somebody sends back what nobody has judged.
    fn clean_up(&mut self, mql_at: EventTime) {
        let lag_ms = self.sales.lag_ms(CLEAN_UP);
        // Later than any time in which a verdict is expected.
        let at = self.in_working_hours(mql_at.plus_ms(lag_ms.max(6 * DAY_MS)));
        self.dispose(at, Verdict::Recycled, Some("no_response"));
    }

    /// Writes down a verdict, unless sales keeps silent; says whether it was given.
    fn dispose(&mut self, at: EventTime, verdict: Verdict, reason: Option<&str>) -> bool {
        if self.world.faults.silences(at, self.whom, &mut self.fault) {
            self.diary.leave_out();
            return false;
        }
        let reason = reason.map(Into::into);
        self.diary.write(at, Body::LeadDispositioned { lead_id: self.id.clone(), verdict, reason });
        true
    }

    /// How much longer the lead sticks at a stage that it enters at `at`; `share` of them do at full dose.
    pub(super) fn sticks_ms(&mut self, stage: Stage, share: f64, at: EventTime) -> i64 {
        self.world.faults.sticks_ms(stage, share, at, self.whom, &mut self.fault)
    }

    /// When a recycled lead becomes an MQL again, if it does.
    fn requalified(&mut self, recycled_at: EventTime) -> Option<EventTime> {
        let again = self.sales.chance(self.world.scenario.company.mishaps.requalified);
        let at = recycled_at.plus_ms(self.sales.lag_ms(REQUALIFIED).max(MINUTE_MS));
        again.then_some(at)
    }

    /// How long its rep takes these days, as a multiple of the usual.
    fn delay(&self, at: EventTime) -> f64 {
        self.world.moods.factor(Mood::Delay, at) * self.world.moods.rep(self.rep).delay
    }

    /// A lag on the lead's way, at the pace of these days.
    fn lag_ms(&mut self, usual: LogNormal, at: EventTime) -> i64 {
        let law = self.world.scenario.company.lag(usual);
        ((self.sales.log_normal(law) * self.world.moods.factor(Mood::Pace, at)) as i64).max(MINUTE_MS)
    }

    /// The time at which so much working time has passed.
    pub(super) fn work(&self, from: EventTime, work_ms: i64) -> EventTime {
        self.world.scenario.company.sales_hours().advance(from, work_ms)
    }

    /// The time itself if people work then, else some time in the next working hours.
    fn in_working_hours(&mut self, at: EventTime) -> EventTime {
        let unit = self.sales.unit();
        self.world.scenario.company.sales_hours().sometime_from(at, unit)
    }
}
