//! What concerns the whole company: campaigns, targets, published content.
//!
//! A healthy company announces a campaign three weeks ahead and sets both teams targets up to revenue.

use compact_str::format_compact;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::deal::VALUE_SIGMA;
use super::diary::Diary;
use super::fault::{Faults, Notice};
use super::library::Library;
use super::sampling::{Concern, Dice};
use super::scenario::Scenario;
use super::working_hours::day_of;
use crate::model::event::{Attributes, Body, Event};
use crate::model::words::{TargetMeasure, Team};
use crate::model::{DAY_MS, EventTime, HOUR_MS, Text};

/// Days of the month on which campaigns are launched.
const LAUNCH_DAYS: [i8; 2] = [5, 19];
/// How long before its launch a campaign is announced.
const NOTICE_DAYS: i64 = 21;
/// How long before a month its targets are set.
const TARGET_DAYS: i64 = 5;
/// Targets as shares of what is to be expected, so that a healthy company meets them: of leads, which
/// are many, and of wins, which vary by a fifth from month to month.
const LEAD_AMBITION: f64 = 0.9;
const WIN_AMBITION: f64 = 0.85;
/// How many days ago the leads came in whose deals are won now.
const TO_WON_DAYS: u32 = 24;
/// The share of the expected wins for which a month is planned that began so many months after an empty pipeline;
/// later ones are planned for them all. Wins come late in such months, so a prudent plan asks for less than all.
const RAMP: [f64; 3] = [0.03, 0.45, 0.90];

/// A campaign that leads may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Campaign {
    pub(super) id: Text,
    pub(super) launched_at: EventTime,
    announced_at: EventTime,
    /// When sales acknowledges it, if it does.
    acknowledged_at: Option<EventTime>,
    /// Whether a fault kept sales from hearing of it in time.
    pub(super) is_late: bool,
}

/// The start of a day in UTC.
pub(super) fn time_of(date: Date) -> EventTime {
    let timestamp = TimeZone::UTC.to_timestamp(date.to_datetime(jiff::civil::Time::midnight()));
    EventTime(timestamp.expect("dates between 1989 and 2101 are times").as_millisecond())
}

/// The first days of the months that a scenario touches, and of the one after.
pub(super) fn months(scenario: &Scenario) -> Vec<Date> {
    let start = jiff::Timestamp::from_millisecond(scenario.start.0).expect("the scenario was checked");
    let mut first = TimeZone::UTC.to_datetime(start).date().first_of_month();
    let mut months = Vec::new();
    while time_of(first) < scenario.end() {
        months.push(first);
        first = following(first);
    }
    months.push(first);
    months
}

/// The first day of the next month.
pub(super) fn following(month: Date) -> Date {
    month.last_of_month().tomorrow().expect("scenarios end in 2100")
}

/// Dice of a month, the same wherever a scenario begins.
pub(super) fn dice_of(scenario: &Scenario, concern: Concern, month: Date) -> Dice {
    let number = i64::from(month.year()) * 12 + i64::from(month.month());
    Dice::new(scenario.seed, concern, number as u64)
}

/// The campaigns that are announced within a scenario, in order of launch.
pub(super) fn campaigns(scenario: &Scenario, faults: &Faults) -> Vec<Campaign> {
    let (hours, sales_hours) = (scenario.company.hours, scenario.company.sales_hours());
    let mut campaigns = Vec::new();
    if !scenario.company.records_programs {
        return campaigns;
    }
    for month in months(scenario) {
        let mut dice = dice_of(scenario, Concern::Campaigns, month);
        let mut fault = dice_of(scenario, Concern::FaultPrograms, month);
        for (day, letter) in LAUNCH_DAYS.into_iter().zip(["a", "b"]) {
            let day_start = time_of(month).plus_ms((i64::from(day) - 1) * DAY_MS);
            let launched_at = hours.advance(day_start, dice.between(0, 2 * HOUR_MS));
            // Days on which nobody works are no notice.
            let off = scenario.holidays().unwrap_or_default();
            let (from, to) = (day_of(launched_at) - NOTICE_DAYS, day_of(launched_at));
            let off_days = (off.1.min(to) - off.0.max(from)).max(0);
            let announced_at = hours.next_open(launched_at.plus_ms(-(NOTICE_DAYS + off_days) * DAY_MS));
            let usual_at = sales_hours.advance(announced_at, dice.between(HOUR_MS, 24 * HOUR_MS));
            let notice = faults.notice(usual_at, &mut fault);
            // One to three business days, as if they had 24 hours.
            let short_ms = fault.between(DAY_MS, 3 * DAY_MS);
            let acknowledged_at = match notice {
                Notice::AsEver => Some(usual_at),
                Notice::Short => Some(sales_hours.before(launched_at, sales_hours.business_ms(short_ms))),
                Notice::None => None,
            };
            let id = format_compact!("C-{}-{:02}-{letter}", month.year(), month.month());
            let is_late = notice != Notice::AsEver;
            campaigns.push(Campaign { id, launched_at, announced_at, acknowledged_at, is_late });
        }
    }
    let announced = scenario.start..scenario.end();
    campaigns.retain(|campaign| announced.contains(&campaign.announced_at));
    campaigns
}

/// Everything that concerns the whole company.
pub(super) fn programs(
    scenario: &Scenario,
    campaigns: &[Campaign],
    library: &Library,
    faults: &Faults,
) -> Vec<Event> {
    if !scenario.company.records_programs {
        return Vec::new();
    }
    let mut diary = Diary::of("campaigns".into());
    for campaign in campaigns {
        let attributes = || Attributes(Box::new([("channel".into(), "webinar".into())]));
        let (campaign_id, team) = (|| campaign.id.clone(), |team: Team| Text::const_new(team.as_str()));
        let (announced, acknowledged, launched) = (
            Body::CampaignAnnounced {
                campaign_id: campaign_id(),
                team: team(Team::Marketing),
                attributes: attributes(),
            },
            Body::CampaignAcknowledged {
                campaign_id: campaign_id(),
                team: team(Team::Sales),
                attributes: Attributes::default(),
            },
            Body::CampaignLaunched {
                campaign_id: campaign_id(),
                team: team(Team::Marketing),
                attributes: attributes(),
            },
        );
        diary.write(campaign.announced_at, announced);
        match campaign.acknowledged_at {
            Some(at) => diary.write(at, acknowledged),
            None => diary.leave_out(),
        }
        diary.write(campaign.launched_at, launched);
    }
    diary.absorb(targets(scenario, faults));
    for shelf in library.publish() {
        diary.absorb(shelf);
    }
    let mut events = diary.close(scenario.end());
    let mut fault = Dice::new(scenario.seed, Concern::FaultPrograms, 0);
    events.retain(|event| !faults.swallows(event, &mut fault));
    events
}

/// A month and what is set for it.
struct Period {
    from: EventTime,
    to: EventTime,
    set_at: EventTime,
    /// Whether marketing gets a target for revenue.
    has_revenue: bool,
}

/// The months for which targets are set.
fn periods(scenario: &Scenario, faults: &Faults) -> Vec<Period> {
    let period = |month: Date| {
        let (from, to) = (time_of(month).max(scenario.start), time_of(following(month)));
        let set_at = from.plus_ms(-TARGET_DAYS * DAY_MS).max(scenario.start);
        let mut fault = dice_of(scenario, Concern::FaultTargets, month);
        let has_revenue = !faults.sets_no_revenue_target(set_at, &mut fault);
        Period { from, to, set_at, has_revenue }
    };
    months(scenario).into_iter().map(period).take_while(|period| period.to.is_possible()).collect()
}

/// When each month begins, and whether marketing has a target for revenue in it.
pub(super) fn revenue_targets(scenario: &Scenario, faults: &Faults) -> Vec<(EventTime, bool)> {
    periods(scenario, faults).into_iter().map(|period| (period.from, period.has_revenue)).collect()
}

/// The share of the expected wins that a month sees.
fn ramp(age: usize, slowness: f64) -> f64 {
    // The table speaks of the middles of months; before the first and between them it is a straight line.
    let month = (age as f64 + 0.5) / slowness + 0.5;
    let of = |place: usize| match place {
        0 => 0.0,
        _ => RAMP.get(place - 1).copied().unwrap_or(1.0),
    };
    let place = month as usize;
    of(place) + (of(place + 1) - of(place)) * (month - place as f64)
}

/// Monthly targets of both teams, in proportion to the leads that are planned for their period.
fn targets(scenario: &Scenario, faults: &Faults) -> Diary {
    let company = &scenario.company;
    let mut diary = Diary::of("targets".into());
    for (age, Period { from, to, set_at, has_revenue }) in periods(scenario, faults).into_iter().enumerate() {
        let days = day_of(from)..day_of(to);
        let planned = |earlier: i64| -> f64 {
            days.clone().map(|day| scenario.planned_leads(day - earlier)).sum::<f64>() * company.lead_to_mql
        };
        let mqls = planned(0);
        let sqls = mqls * company.mql_to_sql();
        // What is won now came in weeks ago.
        let earlier = (f64::from(TO_WON_DAYS) * company.slowness) as i64;
        let expected = planned(earlier) * company.mql_to_sql() * company.sql_to_won;
        let won = WIN_AMBITION * expected * ramp(age, company.slowness);
        let mean_minor = f64::from(company.deal_median_minor) * libm::exp(VALUE_SIGMA * VALUE_SIGMA / 2.0);
        for (team, measure, value) in [
            (Team::Marketing, TargetMeasure::Mql, LEAD_AMBITION * mqls),
            (Team::Marketing, TargetMeasure::Revenue, won * mean_minor),
            (Team::Sales, TargetMeasure::Sql, LEAD_AMBITION * sqls),
            (Team::Sales, TargetMeasure::Won, won),
            (Team::Sales, TargetMeasure::Revenue, won * mean_minor),
        ] {
            if (&team, measure) == (&Team::Marketing, TargetMeasure::Revenue) && !has_revenue {
                diary.leave_out();
                continue;
            }
            let currency = (measure == TargetMeasure::Revenue).then_some(company.currency);
            let (team, value) = (Text::const_new(team.as_str()), value as i64);
            diary.write(set_at, Body::TargetSet { team, measure, from, to, value, currency });
        }
    }
    diary
}

#[cfg(test)]
mod tests {
    use super::super::plot::Plot;
    use super::*;
    use crate::model::event::Kind;
    use crate::model::words::Author;

    fn told(scenario: &Scenario) -> Vec<Event> {
        let faults = Faults::of(scenario);
        programs(scenario, &campaigns(scenario, &faults), &Library::of(scenario, &faults), &faults)
    }

    fn kinds(events: &[Event], kind: Kind) -> impl Iterator<Item = &Event> {
        events.iter().filter(move |event| event.body.kind() == kind)
    }

    #[test]
    fn sales_knows_a_campaign_a_week_before_its_launch() {
        let scenario = Scenario::default();
        let campaigns = campaigns(&scenario, &Faults::of(&scenario));
        // Two each of February, March and April; January's would have been announced before the start.
        assert_eq!(campaigns.len(), 6, "{campaigns:?}");
        assert_eq!(campaigns[0].id, "C-2026-02-a");
        for campaign in &campaigns {
            let acknowledged_at = campaign.acknowledged_at.unwrap();
            assert!(acknowledged_at > campaign.announced_at);
            assert!(campaign.launched_at.0 - acknowledged_at.0 > 10 * DAY_MS, "{campaign:?}");
        }
    }

    #[test]
    fn both_teams_have_targets_up_to_revenue_for_every_month() {
        let events = told(&Scenario::default());
        let mut revenue = 0;
        for event in kinds(&events, Kind::TargetSet) {
            let Body::TargetSet { measure, from, to, value, currency, .. } = &event.body else { continue };
            assert!(from < to && *value > 0, "{event:?}");
            assert_eq!(currency.is_some(), *measure == TargetMeasure::Revenue);
            revenue += usize::from(*measure == TargetMeasure::Revenue);
        }
        // January, February, March and, set five days before it begins, April: for two teams.
        assert_eq!(revenue, 8);
    }

    #[test]
    fn a_shadow_library_grows() {
        let by_sales = |plot| {
            let events = told(&Scenario::of(plot, 1));
            let published = kinds(&events, Kind::ContentPublished);
            let by_sales = |event: &&Event| {
                matches!(event.body, Body::ContentPublished { author_team: Author::Sales, .. })
            };
            published.filter(by_sales).count()
        };
        assert_eq!(by_sales(Plot::Healthy), 6);
        assert_eq!(by_sales(Plot::ShadowContent), 6 + 3 + 9);
    }
}
