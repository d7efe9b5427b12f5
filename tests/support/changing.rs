//! Random definitions that change while a history runs, and the records that announce them in it: to each
//! partition at a place of its own, to some not at all, some of them old or foreign.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::model::alert::Severity;
use rapport::model::control::Control;
use rapport::model::definitions::{
    DIRECT, Definitions, Dimension, Divergence, DivergenceBaseline, FirstTouchSlo, Millionths,
    SourceDefinition,
};
use rapport::model::event::{Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Author;
use rapport::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS};

use super::definitions;
use super::random_log::Arrival;

/// How often definitions change in one history at most.
const ANNOUNCED_MAX: u32 = 3;

/// The source that may be listed besides, and of how many partitions.
const INTAKE: (&str, u32) = ("crm", 2);

/// What changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mind {
    /// Anything; the lists of sources only where a history tells how far the intake is.
    Anything { intake: bool },
    /// Rules and segments, often to and fro.
    Rules,
}

/// Announces 0 to 3 times other definitions in a history that begins under these; mostly around the times that
/// are worth it, if there are any.
pub fn announce(
    seed: u64,
    first: &Definitions,
    history: &mut Vec<Arrival>,
    mind: Mind,
    around: &[EventTime],
) {
    let (Some(begin), Some(end)) = (history.first().map(|a| a.at), history.last().map(|a| a.at)) else {
        return;
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x00de_f1e5);
    let spreads = [MINUTE_MS, HOUR_MS, 8 * HOUR_MS, 2 * DAY_MS];
    let spread_ms = pick(&mut rng, if mind == Mind::Rules { &spreads[..2] } else { &spreads });
    let count = rng.random_range(0..=ANNOUNCED_MAX);
    // Some hold before anything has happened, and some when nearly everything has.
    let mut time = |_| {
        if !around.is_empty() && rng.random_range(0..4) > 0 {
            return pick(&mut rng, around).plus_ms(rng.random_range(-2 * HOUR_MS..6 * HOUR_MS));
        }
        EventTime(rng.random_range(begin.0 - 2 * HOUR_MS..=end.0))
    };
    let mut times: Vec<EventTime> = (0..count).map(&mut time).collect();
    times.sort();
    let mut company = Changing {
        rng,
        mind,
        partitions: first.event_partitions,
        current: first.clone(),
        before: first.clone(),
        number: 1,
        heard: vec![],
        told: vec![],
    };
    for i in 0..times.len() {
        let regrets = i > 0 && mind == Mind::Rules && company.one_of(2);
        if regrets {
            times[i] = times[i - 1].plus_ms(2 * spread_ms + company.rng.random_range(0..8 * HOUR_MS));
        }
        match company.rng.random_range(0..10) {
            _ if regrets => company.announce_those_before(times[i], spread_ms),
            0 => company.announce_old(times[i], spread_ms),
            1 => company.announce_foreign(times[i], spread_ms),
            _ => company.announce_next(times[i], spread_ms, i + 1 == times.len()),
        }
    }
    history.extend(company.told);
    history.sort_by_key(|arrival| arrival.at);
}

/// Publishes content now and then: facts of programs.
pub fn publish(seed: u64, partitions: u32, history: &mut Vec<Arrival>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x00a5_5e75);
    let mut published = vec![];
    for i in 0..rng.random_range(0..6) {
        let at = history[rng.random_range(0..history.len())].at;
        let asset_id = compact_str::format_compact!("A{i}");
        let partition = partition_of(asset_id.as_bytes(), partitions);
        let body = Body::ContentPublished { asset_id, author_team: Author::Marketing };
        let occurred_at = at.plus_ms(-rng.random_range(0..HOUR_MS));
        let event = Event { event_id: compact_str::format_compact!("a{i}"), occurred_at, body };
        let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
        published.push(Arrival { at, partition, record });
    }
    history.extend(published);
    history.sort_by_key(|arrival| arrival.at);
}

fn pick<T: Clone>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())].clone()
}

/// A company that changes its mind.
struct Changing {
    rng: ChaCha8Rng,
    mind: Mind,
    partitions: u32,
    current: Definitions,
    before: Definitions,
    number: u32,
    /// Which partition has heard of which number, and when.
    heard: Vec<(u32, u32, EventTime)>,
    told: Vec<Arrival>,
}

impl Changing {
    fn one_of(&mut self, among: u32) -> bool {
        self.rng.random_range(0..among) == 0
    }

    /// Others with a higher number, not always the next one. Now and then a partition does not hear of them:
    /// mostly of such that others follow.
    fn announce_next(&mut self, at: EventTime, spread_ms: i64, is_last: bool) {
        self.before = self.current.clone();
        for _ in 0..self.rng.random_range(1..=3) {
            self.vary();
        }
        let deaf = if is_last { 60 } else { 8 };
        self.announce_current(at, spread_ms, deaf);
    }

    /// Those that the last ones took the place of.
    fn announce_those_before(&mut self, at: EventTime, spread_ms: i64) {
        std::mem::swap(&mut self.before, &mut self.current);
        self.announce_current(at, spread_ms, u32::MAX);
    }

    /// To every partition but one of so many.
    fn announce_current(&mut self, at: EventTime, spread_ms: i64, deaf: u32) {
        self.number += if self.one_of(4) { 2 } else { 1 };
        for partition in 0..self.partitions {
            let at = at.plus_ms(self.rng.random_range(0..spread_ms));
            if !self.one_of(deaf) {
                self.heard.push((partition, self.number, at));
                self.tell(partition, at, self.number, self.current.clone());
            }
        }
    }

    /// Others that came too late: with a number that a partition has heard already, or a higher one.
    fn announce_old(&mut self, at: EventTime, spread_ms: i64) {
        let number = self.rng.random_range(1..=self.number);
        let known = self.current.clone();
        self.vary();
        let old = std::mem::replace(&mut self.current, known);
        for partition in 0..self.partitions {
            let heard = self.heard.iter().filter(|heard| heard.0 == partition && heard.1 >= number);
            let first = heard.map(|heard| heard.2).min();
            let Some(after) = first.or((number == 1).then_some(at)) else { continue };
            let at = after.plus_ms(self.rng.random_range(1..=spread_ms));
            self.tell(partition, at, number, old.clone());
        }
    }

    /// Others that would change what can't be changed, or by which no time can be kept. Their number is free for
    /// those that come.
    fn announce_foreign(&mut self, at: EventTime, spread_ms: i64) {
        let mut foreign = self.current.clone();
        foreign.dimensions.clear();
        match self.rng.random_range(0..4) {
            0 => foreign.event_partitions += 1,
            1 => foreign.id_key[0] ^= 1,
            2 => foreign.zone = "Mars/Olympus".into(),
            _ => foreign.calendars.values_mut().for_each(|calendar| calendar.weekly = Default::default()),
        }
        for partition in 0..self.partitions {
            let at = at.plus_ms(self.rng.random_range(0..spread_ms));
            self.tell(partition, at, self.number + 1, foreign.clone());
        }
    }

    fn tell(&mut self, partition: u32, at: EventTime, number: u32, definitions: Definitions) {
        let holds = Holds::Control(Control::DefinitionsInForce { number, definitions: definitions.into() });
        let record = LogRecord { timestamp: at, came: Came::Direct, holds };
        self.told.push(Arrival { at, partition, record });
    }

    /// Changes one thing.
    fn vary(&mut self) {
        let intake = matches!(self.mind, Mind::Anything { intake: true });
        let rng = &mut self.rng;
        let definitions = &mut self.current;
        match rng.random_range(0..if self.mind == Mind::Rules { 8 } else { 15 }) {
            0 | 1 => definitions.dimensions = pick(rng, &dimensions()),
            2 | 13 => {
                let rule = definitions.rules.first_touch_slo.take();
                definitions.rules.first_touch_slo = if rule.is_some() { None } else { Some(promise(rng)) };
            }
            3 => definitions.rules.first_touch_slo = Some(promise(rng)),
            4 => {
                let rule = definitions.rules.divergence.take();
                definitions.rules.divergence = if rule.is_some() { None } else { Some(divergence(rng)) };
            }
            5 => definitions.rules.divergence = Some(divergence(rng)),
            6 | 7 => {
                if let Some(rule) = &mut definitions.rules.divergence {
                    rule.volume_factor = Millionths(pick(rng, &[1_100_000, 1_300_000, 3_000_000]));
                    rule.quality_factor = Millionths(pick(rng, &[200_000, 500_000, 900_000]));
                }
            }
            8 => {
                for calendar in definitions.calendars.values_mut() {
                    calendar.zone = pick(rng, &["UTC", "Europe/Berlin", "America/New_York"]).into();
                    let opens = rng.random_range(6..11) * 60;
                    let closes = rng.random_range(15..20) * 60;
                    let days = rng.random_range(4..=7);
                    calendar.weekly =
                        std::array::from_fn(|day| if day < days { vec![(opens, closes)] } else { vec![] });
                    let holiday = format!("2026-03-{:02}", rng.random_range(2..31));
                    calendar.holidays = vec![holiday.into()];
                }
            }
            9 => definitions.zone = pick(rng, &["UTC", "America/New_York", "Asia/Kolkata"]).into(),
            10 => {
                let days = pick(rng, &[None, Some(1), Some(2), Some(4), Some(10)]);
                let more = pick(rng, &[None, Some(0), Some(3)]);
                definitions.retention_days = days;
                definitions.open_retention_days = days.zip(more).map(|(days, more)| days + more);
            }
            11 if intake => {
                let source =
                    |(name, partitions): (&str, u32)| SourceDefinition { name: name.into(), partitions };
                let (direct, both) = (source((DIRECT, 1)), source(INTAKE));
                let first_only = SourceDefinition { partitions: 1, ..both.clone() };
                let lists = [vec![direct.clone()], vec![both, direct.clone()], vec![first_only, direct]];
                definitions.sources = pick(rng, &lists);
            }
            14 => {
                if let Some(rule) = &mut definitions.rules.first_touch_slo {
                    rule.target = Millionths(pick(rng, &[300_000, 600_000, 990_000]));
                }
            }
            _ => {
                definitions.out_of_orderness_ms =
                    pick(rng, &[0, 30_000, 5 * MINUTE_MS, HOUR_MS, 12 * HOUR_MS]);
                definitions.limits.evidence_ids = rng.random_range(1..8);
            }
        }
    }
}

fn dimensions() -> [Vec<Dimension>; 6] {
    let by = |keys: &[&str]| Dimension { keys: keys.iter().map(|&key| key.into()).collect() };
    [
        vec![],
        vec![by(&["source"])],
        vec![by(&["region"])],
        vec![by(&["region"]), by(&["source"])],
        vec![by(&["region", "source"]), by(&["campaign_id"])],
        vec![by(&["source", "region"]), by(&["source"])],
    ]
}

/// Another promise, quick to speak.
fn promise(rng: &mut ChaCha8Rng) -> FirstTouchSlo {
    let plain = definitions::plain().rules.first_touch_slo.expect("the plain definitions have it");
    let mut windows = plain.windows.clone();
    windows.truncate(rng.random_range(1..=windows.len()));
    windows.reverse();
    for window in &mut windows {
        window.severity = pick(rng, &[Severity::Info, Severity::Ticket, Severity::Page]);
    }
    FirstTouchSlo {
        target: Millionths(pick(rng, &[800_000, 900_000, 950_000])),
        within_minutes: pick(rng, &[60, 240, 600]),
        windows,
        gate: Millionths(pick(rng, &[50_000, 400_000])),
        min_n: rng.random_range(1..5),
        for_minutes: pick(rng, &[0, 10, 120, 480]),
        clear_minutes: pick(rng, &[0, 60, 240]),
    }
}

/// Another watch over volume and quality, quick to speak.
fn divergence(rng: &mut ChaCha8Rng) -> Divergence {
    let mut quick = definitions::plain();
    definitions::quicken_divergence(&mut quick, false);
    let quick = quick.rules.divergence.expect("the plain definitions have it");
    let baseline = DivergenceBaseline {
        mqls_per_business_day: pick(rng, &[0.3, 0.5, 1.0]),
        conversion: pick(rng, &[0.3, 0.5, 0.8]),
    };
    Divergence {
        horizon_days: rng.random_range(1..4),
        detect_days: rng.random_range(5..12),
        volume_factor: Millionths(pick(rng, &[1_200_000, 1_300_000, 2_000_000])),
        quality_factor: Millionths(pick(rng, &[500_000, 700_000, 800_000])),
        clear_days: rng.random_range(1..4),
        baseline: Some(baseline).filter(|_| rng.random_range(0..2) == 0),
        ..quick
    }
}
