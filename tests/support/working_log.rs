//! Histories of companies that work for months: leads, deals, content, campaigns, targets, and changes of the playbook,
//! with stretches in which one thing or another goes wrong, from a seed.

use compact_str::format_compact;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::model::event::{Attributes, Body, Event};
use rapport::model::money::{Amount, Currency};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::{
    Author, DealStatus, Family, Origin, PlaybookChange, Stage, TargetMeasure, Team, Verdict,
};
use rapport::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS, Text};

use super::random_log::Arrival;

/// Monday, 2 March 2026.
const MONDAY: EventTime = EventTime(1_772_409_600_000);
/// What goes wrong in stretches of its own.
const FAULTS: usize = 9;

/// What goes wrong.
#[derive(Clone, Copy)]
enum Fault {
    Silent,
    Reasonless,
    Ageing,
    Absent,
    SalesAuthored,
    Unused,
    Poor,
    Unnoticed,
    OneReason,
}

struct Company {
    rng: ChaCha8Rng,
    partitions: u32,
    days: i64,
    /// When each fault begins and ends, in days.
    faulty: [(i64, i64); FAULTS],
    /// Families of which nothing arrives for some days.
    outages: Vec<(Family, i64, i64)>,
    events: u32,
    leads: u32,
    deals: u32,
    arrivals: Vec<Arrival>,
}

/// A history of so many days, in order of arrival.
pub fn history(seed: u64, partitions: u32, days: i64) -> Vec<Arrival> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0063_a11d);
    let mut faulty = [(0, 0); FAULTS];
    for stretch in &mut faulty {
        let from = rng.random_range(70..days - 30);
        *stretch = (from, from + rng.random_range(15..45));
    }
    let outages = (0..5).map(|_| {
        let from = rng.random_range(40..days - 5);
        let family = Family::ALL[rng.random_range(0..Family::ALL.len())];
        (family, from, from + rng.random_range(3..9))
    });
    let outages = outages.collect();
    let mut company =
        Company { rng, partitions, days, faulty, outages, events: 0, leads: 0, deals: 0, arrivals: vec![] };
    company.work();
    company.arrivals.sort_by_key(|arrival| arrival.at);
    company.arrivals
}

impl Company {
    fn of_100(&mut self, share: u32) -> bool {
        self.rng.random_range(0..100) < share
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.rng.random_range(0..from.len())]
    }

    fn is_faulty(&self, fault: Fault, at: EventTime) -> bool {
        let day = (at.0 - MONDAY.0) / DAY_MS;
        let (from, to) = self.faulty[fault as usize];
        from <= day && day < to
    }

    /// Of 100, mostly the one share and in a faulty stretch the other.
    fn happens(&mut self, fault: Fault, at: EventTime, usually: u32, faulty: u32) -> bool {
        let share = if self.is_faulty(fault, at) { faulty } else { usually };
        self.of_100(share)
    }

    fn in_hours(&mut self, day: i64) -> EventTime {
        MONDAY.plus_ms(day * DAY_MS + 9 * HOUR_MS + self.rng.random_range(0..8 * HOUR_MS))
    }

    fn after_hours(&mut self, at: EventTime, from: i64, to: i64) -> EventTime {
        at.plus_ms(self.rng.random_range(from * HOUR_MS..to * HOUR_MS))
    }

    fn work(&mut self) {
        self.targets();
        for day in 0..self.days {
            let leads = if day % 7 >= 5 { self.rng.random_range(0..2) } else { self.rng.random_range(1..4) };
            for _ in 0..leads {
                let at = self.in_hours(day);
                self.lead(at);
            }
            if day % 5 == 1 {
                self.publish(day);
            }
            if day % 6 == 2 {
                self.campaign(day);
            }
            if self.of_100(4) {
                let at = self.in_hours(day);
                let reason = self.pick(&["no budget", "timing", "too small"]);
                let change = self.pick(PlaybookChange::ALL);
                self.say(at, Body::PlaybookChanged { change, reasons: [reason.into()].into() });
            }
        }
    }

    fn targets(&mut self) {
        for month in 0..self.days / 30 + 1 {
            let from = MONDAY.plus_ms(month * 30 * DAY_MS);
            let to = MONDAY.plus_ms((month + 1) * 30 * DAY_MS);
            let set = from.plus_ms(HOUR_MS);
            if self.of_100(85) {
                let value = self.rng.random_range(5..40);
                self.target(set, TargetMeasure::Mql, (from, to), value, None);
            }
            for code in ["EUR", "USD"] {
                if self.of_100(55) {
                    let late_ms = if self.of_100(30) { 12 * DAY_MS } else { 0 };
                    let value = self.rng.random_range(5..60) * 100_000;
                    self.target(
                        set.plus_ms(late_ms),
                        TargetMeasure::Revenue,
                        (from, to),
                        value,
                        Currency::parse(code),
                    );
                }
            }
        }
    }

    fn target(
        &mut self,
        at: EventTime,
        measure: TargetMeasure,
        (from, to): (EventTime, EventTime),
        value: i64,
        currency: Option<Currency>,
    ) {
        let team = if self.of_100(95) { "marketing" } else { "sales" };
        self.say(at, Body::TargetSet { team: team.into(), measure, from, to, value, currency });
    }

    fn publish(&mut self, day: i64) {
        let at = self.in_hours(day);
        let asset_id = format_compact!("A{}", day / 5);
        let author_team = if self.of_100(85) { Author::Marketing } else { Author::Sales };
        self.say(at, Body::ContentPublished { asset_id, author_team });
    }

    fn campaign(&mut self, day: i64) {
        let launched = self.in_hours(day);
        let campaign_id = format_compact!("C{day}");
        let told = launched.plus_ms(-self.rng.random_range(4 * DAY_MS..9 * DAY_MS));
        let (team, attributes) = (Text::from("marketing"), Attributes::default());
        let announced = (campaign_id.clone(), team.clone(), attributes.clone());
        let (campaign_id, team, attributes) = announced;
        self.say(
            told,
            Body::CampaignAnnounced {
                campaign_id: campaign_id.clone(),
                team: team.clone(),
                attributes: attributes.clone(),
            },
        );
        if !self.happens(Fault::Unnoticed, launched, 5, 60) {
            let heard = if self.happens(Fault::Unnoticed, launched, 10, 60) {
                self.after_hours(launched, -40, 60)
            } else {
                told.plus_ms(HOUR_MS)
            };
            let by = if self.of_100(95) { "sales" } else { "ops" };
            let body = Body::CampaignAcknowledged {
                campaign_id: campaign_id.clone(),
                team: by.into(),
                attributes: attributes.clone(),
            };
            self.say(heard, body);
        }
        self.say(launched, Body::CampaignLaunched { campaign_id, team, attributes });
    }

    fn lead(&mut self, at: EventTime) {
        self.leads += 1;
        let lead_id = format_compact!("L{}", self.leads);
        let source = self.pick(&["ads", "webinar"]);
        let region = self.pick(&["emea", "amer"]);
        self.say(
            at,
            Body::LeadCreated {
                lead_id: lead_id.clone(),
                source: Some(source.into()),
                campaign_id: None,
                attributes: Attributes::new([("region".into(), region.into())]),
            },
        );
        if self.of_100(15) {
            return;
        }
        let mql = at.plus_ms(self.rng.random_range(0..2 * HOUR_MS));
        self.stage(mql, &lead_id, Stage::Mql);
        if self.of_100(90) {
            let body = Body::LeadAssigned { lead_id: lead_id.clone(), owner_id: "rep".into(), team: None };
            self.say(mql.plus_ms(20 * MINUTE_MS), body);
        }
        if !self.happens(Fault::Silent, at, 10, 50) {
            let touched = self.after_hours(mql, 0, 6);
            self.touch(touched, &lead_id, Team::Sales);
        }
        if self.of_100(8) {
            // Nobody says anything of the lead, but there is a deal.
            let opened = self.after_hours(mql, 4, 20);
            self.deal(opened, lead_id);
            return;
        }
        if self.happens(Fault::Silent, at, 10, 60) {
            return;
        }
        let said = self.after_hours(mql, 2, 30);
        if self.happens(Fault::Poor, at, 40, 80) {
            self.send_back(said, &lead_id);
            return;
        }
        self.say(
            said,
            Body::LeadDispositioned { lead_id: lead_id.clone(), verdict: Verdict::Accepted, reason: None },
        );
        self.stage(said, &lead_id, Stage::Sal);
        let is_slow = self.happens(Fault::Ageing, said, 10, 70);
        let (least, most) = if is_slow { (200, 600) } else { (4, 72) };
        let qualified = self.after_hours(said, least, most);
        if self.of_100(10) {
            self.send_back(qualified, &lead_id);
            return;
        }
        self.stage(qualified, &lead_id, Stage::Sql);
        if self.of_100(80) {
            let opened = self.after_hours(qualified, 1, 40);
            self.deal(opened, lead_id);
        }
    }

    fn stage(&mut self, at: EventTime, lead_id: &Text, stage: Stage) {
        self.say(at, Body::LeadStageEntered { lead_id: lead_id.clone(), stage });
    }

    fn touch(&mut self, at: EventTime, lead_id: &Text, team: Team) {
        let automated = self.of_100(10);
        self.say(at, Body::LeadTouched { lead_id: lead_id.clone(), team, channel: None, automated });
    }

    fn send_back(&mut self, at: EventTime, lead_id: &Text) {
        let verdict = self.pick(&[Verdict::Rejected, Verdict::Rejected, Verdict::Recycled]);
        let reason = if self.happens(Fault::Reasonless, at, 10, 60) {
            None
        } else if self.happens(Fault::OneReason, at, 10, 90) {
            Some("no budget")
        } else {
            Some(self.pick(&["timing", "too small", "no budget", "student", "no answer"]))
        };
        let reason = reason.map(Text::from);
        self.say(at, Body::LeadDispositioned { lead_id: lead_id.clone(), verdict, reason });
    }

    fn deal(&mut self, at: EventTime, lead_id: Text) {
        self.deals += 1;
        let deal_id = format_compact!("D{}", self.deals);
        let is_named = self.of_100(85);
        let lead = Some(lead_id.clone()).filter(|_| is_named);
        let code = self.pick(&["EUR", "EUR", "USD"]);
        let minor = self.rng.random_range(1..500) * 1_000;
        let amount = Currency::parse(code).map(|currency| Amount { minor, currency });
        let origin = self.pick(&[None, None, Some(Origin::Marketing), Some(Origin::Sales)]);
        let amount = amount.filter(|_| self.of_100(90));
        self.say(
            at,
            Body::DealOpened {
                deal_id: deal_id.clone(),
                lead_id: lead.clone(),
                amount,
                origin,
                attributes: Attributes::new([("region".into(), "emea".into())]),
            },
        );
        if !is_named && self.of_100(60) {
            self.say(
                at.plus_ms(HOUR_MS),
                Body::DealLinked { deal_id: deal_id.clone(), lead_id: lead_id.clone() },
            );
        }
        let days = self.rng.random_range(4..40);
        for day in (2..days).step_by(3) {
            let on = at.plus_ms(day * DAY_MS);
            if !self.happens(Fault::Absent, on, 15, 90) {
                if self.of_100(50) {
                    self.touch(on, &lead_id, Team::Marketing);
                } else {
                    let deal_id = deal_id.clone();
                    let automated = self.of_100(20);
                    let team = Team::Marketing;
                    self.say(
                        on,
                        Body::DealTouched { deal_id, lead_id: lead.clone(), team, channel: None, automated },
                    );
                }
            }
            if self.of_100(40) {
                self.use_content(on, &deal_id, lead.clone());
            }
        }
        if self.of_100(85) {
            let status = self.pick(&[DealStatus::Won, DealStatus::Won, DealStatus::Lost]);
            let body = Body::DealStageEntered {
                deal_id,
                lead_id: lead,
                stage: "end".into(),
                status,
                amount: None,
                reason: None,
            };
            self.say(at.plus_ms(days * DAY_MS), body);
        }
    }

    fn use_content(&mut self, at: EventTime, deal_id: &Text, lead_id: Option<Text>) {
        let day = (at.0 - MONDAY.0) / DAY_MS;
        let author_team =
            if self.happens(Fault::SalesAuthored, at, 15, 80) { Author::Sales } else { Author::Marketing };
        let newest = if self.is_faulty(Fault::Unused, at) { 8 } else { (day / 5).max(1) };
        let asset_id = format_compact!("A{}", self.rng.random_range(newest.saturating_sub(8)..=newest));
        self.say(at, Body::DealContentUsed { deal_id: deal_id.clone(), lead_id, asset_id, author_team });
    }

    /// It happens, unless it is a time to come; and is told of, unless its feed has stopped.
    fn say(&mut self, occurred_at: EventTime, body: Body) {
        let day = (occurred_at.0 - MONDAY.0).div_euclid(DAY_MS);
        let has_stopped = |(family, from, to): &(Family, i64, i64)| {
            body.families().any(|of| of == *family) && (*from..*to).contains(&day)
        };
        if day >= self.days || self.outages.iter().any(has_stopped) {
            return;
        }
        self.events += 1;
        let event = Event { event_id: format_compact!("w{}", self.events), occurred_at, body };
        self.arrive(&event);
        if self.of_100(2) {
            self.arrive(&event);
        }
        if self.of_100(1) {
            let shift_ms = self.rng.random_range(-20..=20) * HOUR_MS;
            let other = Event { occurred_at: occurred_at.plus_ms(shift_ms), ..event };
            self.arrive(&other);
        }
        if self.of_100(1) {
            self.trouble(occurred_at);
        }
    }

    /// A lead is merged, or it or a deal is deleted or erased.
    fn trouble(&mut self, at: EventTime) {
        let lead_id = format_compact!("L{}", self.rng.random_range(0..self.leads + 1));
        let deal_id = format_compact!("D{}", self.rng.random_range(0..self.deals + 1));
        let into = format_compact!("L{}", self.rng.random_range(0..self.leads + 1));
        let body = match self.rng.random_range(0..8) {
            0 => Body::LeadDeleted { lead_id },
            1 => Body::LeadErased { lead_id },
            2 => Body::DealDeleted { deal_id, lead_id: None },
            3 => Body::DealErased { deal_id, lead_id: None },
            4 if lead_id != into => Body::LeadMerged { lead_id, into },
            _ => Body::DealLinked { deal_id, lead_id },
        };
        self.events += 1;
        let event = Event { event_id: format_compact!("w{}", self.events), occurred_at: at, body };
        self.arrive(&event);
    }

    fn arrive(&mut self, event: &Event) {
        let delay_ms = match self.rng.random_range(0..100) {
            0..4 => self.rng.random_range(HOUR_MS..3 * DAY_MS),
            4 => -self.rng.random_range(6 * MINUTE_MS..DAY_MS),
            _ => self.rng.random_range(0..25_000),
        };
        let at = event.occurred_at.plus_ms(delay_ms);
        let home = partition_of(event.record_key().as_bytes(), self.partitions);
        let partition = if self.of_100(1) { self.rng.random_range(0..self.partitions) } else { home };
        let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event.clone()) };
        self.arrivals.push(Arrival { at, partition, record });
    }
}
