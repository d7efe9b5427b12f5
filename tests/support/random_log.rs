//! Random histories: small companies with every kind of event, disorder and trouble, from a seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::model::control::Control;
use rapport::model::definitions::Definitions;
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::money::{Amount, Currency};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::{Author, DealStatus, Origin, Stage, TargetMeasure, Team, Verdict};
use rapport::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS, Text};

use super::definitions;

/// What a random history may contain.
#[derive(Clone, Copy, Debug)]
pub struct Spice {
    /// Events may arrive this much out of order, in ms; the bound is 30 s.
    pub jitter_ms: i64,
    /// Facts that arrive hours or days after they happened, of 100.
    pub late: u32,
    /// Events delivered twice, of 100.
    pub duplicates: u32,
    /// Repeated identities with other content, of 100.
    pub conflicts: u32,
    /// Merges and links per 100 events.
    pub moves: u32,
    /// Whether leads may be merged in a circle, which ends where the hops end.
    pub circles: bool,
    /// Deletions per 100 events.
    pub deletions: u32,
    /// Erasures and tombstones per 100 events.
    pub erasures: u32,
    /// Unreadable records, of 100.
    pub garbage: u32,
    /// Records in a partition that is not their key's, of 100.
    pub misrouted: u32,
    /// Events that arrive long before they are to have happened, of 100.
    pub skewed: u32,
    /// Content, campaigns, targets, and deals as rules about them look at them, of 100.
    pub programs: u32,
}

impl Spice {
    /// Everything at once.
    pub const HOT: Spice = Spice {
        jitter_ms: 25_000,
        late: 5,
        duplicates: 4,
        conflicts: 2,
        moves: 8,
        circles: true,
        deletions: 2,
        erasures: 2,
        garbage: 2,
        misrouted: 2,
        skewed: 1,
        programs: 0,
    };
}

/// A record and when and where it arrives.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// When it arrives.
    pub at: EventTime,
    /// In which partition.
    pub partition: u32,
    /// What arrives.
    pub record: LogRecord,
}

struct Company {
    rng: ChaCha8Rng,
    spice: Spice,
    partitions: u32,
    start: EventTime,
    span_ms: i64,
    leads: u32,
    events: u32,
}

/// A random history of `events` events or so, in order of arrival.
pub fn history(seed: u64, events: u32, partitions: u32, spice: Spice) -> Vec<Arrival> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let days = rng.random_range(1..=20);
    let leads = rng.random_range(3..=30);
    history_of(rng, events, partitions, spice, days, leads)
}

/// A random history of about as many events over so many days from Monday, 2 March 2026, on.
pub fn history_of(
    rng: ChaCha8Rng,
    events: u32,
    partitions: u32,
    spice: Spice,
    days: i64,
    leads: u32,
) -> Vec<Arrival> {
    let monday = EventTime(1_772_409_600_000);
    let span_ms = days * DAY_MS;
    let mut company = Company { rng, spice, partitions, start: monday, span_ms, leads, events: 0 };
    let mut arrivals = Vec::new();
    for _ in 0..events {
        company.event(&mut arrivals);
    }
    arrivals.sort_by_key(|arrival| arrival.at);
    arrivals
}

/// Puts announcements of changed definitions into a history, those of a number somewhere in each partition: some
/// close to each other, some far apart, some out of turn. Gives the definitions that came last.
pub fn announce(seed: u64, definitions: &Definitions, history: &mut Vec<Arrival>) -> Definitions {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xdef1);
    let mut last = definitions.clone();
    for number in 2..=rng.random_range(2..=5) {
        last = definitions::changed(&last, &mut rng);
        let somewhere = rng.random_range(0..history.len());
        let apart = if rng.random_range(0..3) == 0 { history.len() } else { 20 };
        for partition in 0..last.event_partitions {
            let place = (somewhere + rng.random_range(0..apart)).min(history.len());
            let at = history[place.min(history.len() - 1)].at;
            let definitions = Box::new(last.clone());
            let holds = Holds::Control(Control::DefinitionsInForce { number, definitions });
            let record = LogRecord { timestamp: at, came: Came::Direct, holds };
            history.insert(place, Arrival { at, partition, record });
        }
    }
    last
}

impl Company {
    fn of_100(&mut self, share: u32) -> bool {
        self.rng.random_range(0..100) < share
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.random_range(0..from.len())]
    }

    fn lead(&mut self) -> Text {
        let n = self.rng.random_range(0..self.leads);
        compact_str::format_compact!("L{n}")
    }

    fn deal(&mut self) -> Text {
        let n = self.rng.random_range(0..self.leads / 2 + 1);
        compact_str::format_compact!("D{n}")
    }

    /// Times cluster in working hours, on whole minutes now and then so that ties happen.
    fn time(&mut self) -> EventTime {
        let day = self.rng.random_range(0..=self.span_ms / DAY_MS) * DAY_MS;
        let in_day = if self.of_100(85) {
            9 * HOUR_MS + self.rng.random_range(0..8 * HOUR_MS)
        } else {
            self.rng.random_range(0..DAY_MS)
        };
        let at = self.start.plus_ms(day + in_day);
        if self.of_100(20) { at.minute().start() } else { at }
    }

    fn event(&mut self, arrivals: &mut Vec<Arrival>) {
        self.events += 1;
        let event_id = compact_str::format_compact!("e{}", self.events);
        let occurred_at = self.time();
        let body = self.body();
        let event = Event { event_id, occurred_at, body };
        self.arrive(&event, arrivals);
        if self.of_100(self.spice.duplicates) {
            self.arrive(&event, arrivals);
        }
        if self.of_100(self.spice.conflicts) {
            let shift_ms = self.rng.random_range(-3..=3) * 20 * MINUTE_MS;
            let other = Event { occurred_at: event.occurred_at.plus_ms(shift_ms), ..event.clone() };
            self.arrive(&other, arrivals);
        }
        if self.of_100(self.spice.garbage) {
            let at = self.time();
            let reason = rapport::model::dead_letter::Reason::Malformed;
            let holds = Holds::Unreadable(rapport::model::dead_letter::Rejection::whole(reason));
            let partition = self.rng.random_range(0..self.partitions);
            arrivals.push(Arrival {
                at,
                partition,
                record: LogRecord { timestamp: at, came: Came::Direct, holds },
            });
        }
        if self.of_100(self.spice.erasures) && self.of_100(30) {
            let at = self.time();
            let id = self.lead();
            let partition = partition_of(id.as_bytes(), self.partitions);
            let holds = Holds::Tombstone { id };
            arrivals.push(Arrival {
                at,
                partition,
                record: LogRecord { timestamp: at, came: Came::Direct, holds },
            });
        }
    }

    fn arrive(&mut self, event: &Event, arrivals: &mut Vec<Arrival>) {
        let delay_ms = if self.of_100(self.spice.skewed) {
            -self.rng.random_range(6 * MINUTE_MS..DAY_MS)
        } else if self.of_100(self.spice.late) {
            self.rng.random_range(HOUR_MS..3 * DAY_MS)
        } else {
            self.rng.random_range(0..=self.spice.jitter_ms)
        };
        let at = event.occurred_at.plus_ms(delay_ms);
        let home = partition_of(event.record_key().as_bytes(), self.partitions);
        let partition =
            if self.of_100(self.spice.misrouted) { self.rng.random_range(0..self.partitions) } else { home };
        let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event.clone()) };
        arrivals.push(Arrival { at, partition, record });
    }

    fn body(&mut self) -> Body {
        let lead_id = self.lead();
        if self.of_100(self.spice.moves) {
            let into = self.lead();
            return match self.rng.random_range(0..3) {
                0 if into != lead_id && (self.spice.circles || into < lead_id) => {
                    Body::LeadMerged { lead_id, into }
                }
                _ => Body::DealLinked { deal_id: self.deal(), lead_id },
            };
        }
        if self.of_100(self.spice.deletions) {
            return match self.rng.random_range(0..2) {
                0 => Body::LeadDeleted { lead_id },
                _ => Body::DealDeleted { deal_id: self.deal(), lead_id: None },
            };
        }
        if self.of_100(self.spice.erasures) {
            return match self.rng.random_range(0..2) {
                0 => Body::LeadErased { lead_id },
                _ => Body::DealErased { deal_id: self.deal(), lead_id: None },
            };
        }
        if self.spice.programs > 0 && self.of_100(self.spice.programs) {
            return self.program_body(lead_id);
        }
        match self.rng.random_range(0..100) {
            0..12 => self.created(lead_id),
            12..40 => {
                let stages =
                    [Stage::Mql, Stage::Mql, Stage::Mql, Stage::Sal, Stage::Sql, Stage::Disqualified];
                Body::LeadStageEntered { lead_id, stage: self.pick(&stages) }
            }
            40..50 => Body::LeadAssigned { lead_id, owner_id: "rep-1".into(), team: None },
            50..65 => Body::LeadTouched {
                lead_id,
                team: self.pick(&[Team::Sales, Team::Sales, Team::Marketing]),
                channel: None,
                automated: self.of_100(20),
            },
            65..77 => Body::LeadDispositioned {
                lead_id,
                verdict: self.pick(Verdict::ALL),
                reason: self.of_100(70).then(|| "no budget".into()),
            },
            _ => self.deal_body(lead_id),
        }
    }

    fn created(&mut self, lead_id: Text) -> Body {
        let source = self.pick(&["webinar", "ads", "referral", ""]);
        let region = self.pick(&["emea", "amer"]);
        Body::LeadCreated {
            lead_id,
            source: Some(source.into()).filter(|s: &Text| !s.is_empty()),
            campaign_id: None,
            attributes: Attributes::new([("region".into(), region.into())]),
        }
    }

    /// What rules about content, campaigns, targets and deals look at.
    fn program_body(&mut self, lead_id: Text) -> Body {
        let deal_id = self.deal();
        let lead_id = Some(lead_id).filter(|_| self.of_100(40));
        let asset_id = compact_str::format_compact!("A{}", self.rng.random_range(0..4));
        let campaign_id = compact_str::format_compact!("C{}", self.rng.random_range(0..4));
        let author_team = self.pick(Author::ALL);
        let team = self.pick(&["sales", "marketing"]).into();
        let attributes = Attributes::default();
        match self.rng.random_range(0..12) {
            0..4 => Body::DealContentUsed { deal_id, lead_id, asset_id, author_team },
            4..6 => {
                let automated = self.of_100(50);
                Body::DealTouched { deal_id, lead_id, team: Team::Marketing, channel: None, automated }
            }
            6..8 => {
                let currency = self.pick(&["EUR", "USD"]);
                let minor = self.rng.random_range(-100..1_000);
                let amount = Currency::parse(currency).map(|currency| Amount { minor, currency });
                let origin = self.pick(&[None, Some(Origin::Marketing), Some(Origin::Sales)]);
                Body::DealOpened { deal_id, lead_id, amount, origin, attributes }
            }
            8 => Body::ContentPublished { asset_id, author_team },
            9 => Body::CampaignAcknowledged { campaign_id, team, attributes },
            10 => Body::CampaignLaunched { campaign_id, team, attributes },
            _ => {
                let measure = self.pick(&[TargetMeasure::Mql, TargetMeasure::Revenue]);
                let currency = Currency::parse("EUR").filter(|_| measure == TargetMeasure::Revenue);
                let (from, to) = (self.start, self.start.plus_ms(self.span_ms));
                let value = self.rng.random_range(1..2_000);
                Body::TargetSet { team: "marketing".into(), measure, from, to, value, currency }
            }
        }
    }

    fn deal_body(&mut self, lead_id: Text) -> Body {
        let deal_id = self.deal();
        let lead_id = Some(lead_id).filter(|_| self.spice.moves > 0 && self.of_100(40));
        let minor = i64::from(self.rng.random_range(1..1000)) * 100;
        let currency = Currency::parse("EUR").expect("EUR is a currency");
        let amount = Some(Amount { minor, currency }).filter(|_| self.of_100(60));
        match self.rng.random_range(0..4) {
            0 => {
                Body::DealOpened { deal_id, lead_id, amount, origin: None, attributes: Attributes::default() }
            }
            1 | 2 => Body::DealStageEntered {
                deal_id,
                lead_id,
                stage: "step".into(),
                status: self.pick(&[DealStatus::Open, DealStatus::Won, DealStatus::Lost]),
                amount,
                reason: None,
            },
            _ => Body::DealTouched { deal_id, lead_id, team: Team::Sales, channel: None, automated: false },
        }
    }
}
