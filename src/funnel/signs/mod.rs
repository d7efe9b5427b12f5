//! The signs of a broken partnership, a folder each: pure functions of what was counted, the rules and a
//! boundary. The memory of an alert is in [`super::alerting`], never here.

pub mod business_day;
pub mod carriers;
pub mod incurious_marketing;
pub mod mix;
pub mod mql_tunnel_vision;
pub mod no_data;
pub mod out_of_sync;
pub mod outage_days;
pub mod program_rule;
pub mod rule;
pub mod scene;
pub mod shadow_content;
pub mod share_rule;
mod share_sum;
pub mod share_watch;
pub mod statement;
pub mod told_days;
pub mod usual_share;
mod weekdays;
pub mod working_days;
pub mod worth;

use program_rule::ProgramRule;
use share_rule::ShareRule;

use super::segment::book::Named;
use super::segment::series::Day;
use crate::model::EventTime;
use crate::model::alert::{OwnerTeam, Severity};
use crate::model::explanation::Sum;

/// The rules that watch a share, in the order in which they are judged.
pub const SHARE_RULES: [&ShareRule; 6] = [
    &out_of_sync::SILENT_LEADS,
    &out_of_sync::REASONLESS_REJECTIONS,
    &incurious_marketing::STAGE_AGEING,
    &incurious_marketing::ABSENT_AFTER_HANDOFF,
    &shadow_content::SALES_AUTHORED_SHARE,
    &shadow_content::DEAD_LIBRARY,
];

/// The rules over targets, campaigns and reasons, in the order in which they are judged.
pub const PROGRAM_RULES: [&ProgramRule; 4] = [
    &mql_tunnel_vision::REVENUE_PACE,
    &mql_tunnel_vision::NO_REVENUE_TARGET,
    &out_of_sync::LAUNCH_WITHOUT_NOTICE,
    &incurious_marketing::UNANSWERED_REJECTIONS,
];

/// What a rule reads in a segment at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too little is known to judge.
    Learning,
    /// What the rule rests on has stopped arriving: whatever held before still holds.
    NoData,
    /// All is well.
    Kept,
    /// The rule is broken.
    Broken(Severity),
}

impl Verdict {
    /// As it is taken while a wider segment speaks of the same.
    pub fn quieted(self) -> Verdict {
        match self {
            Verdict::Broken(_) => Verdict::Kept,
            verdict => verdict,
        }
    }
}

/// The figures of a reading, as an alert shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What was measured.
    pub value: f64,
    /// What is normal, if the rule learns it.
    pub baseline: Option<f64>,
    /// Beyond this the rule is broken.
    pub threshold: f64,
    /// 95 % interval of the value, if it has one.
    pub interval: Option<(f64, f64)>,
    /// How many outcomes the value rests on.
    pub n: u64,
    /// How many were too young to count.
    pub excluded_immature: u64,
    /// What was looked at.
    pub window: (EventTime, EventTime),
    /// Who is to act first.
    pub owner: OwnerTeam,
    /// The leads behind the value.
    pub evidence: Named,
    /// One sentence for the person who is called.
    pub summary: String,
    /// What the two teams should do.
    pub advice: String,
    /// How it ends, if it does.
    pub resolved: Resolved,
    /// How the value comes about.
    pub sum: Sum,
}

/// How an alert ends: how it stands now, and what is left to do. Only a rule knows whether what it told of is mended,
/// or ended for another reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The sentence for when it is over: how it stands now.
    pub says: String,
    /// What is left to do.
    pub advice: &'static str,
}

impl Resolved {
    /// What was told of is no longer so.
    pub fn mended(says: String) -> Resolved {
        Resolved { says, advice: ADVICE_MENDED }
    }

    /// It is no longer told of, though it is not known to be mended.
    pub fn unmended(says: String, advice: &'static str) -> Resolved {
        Resolved { says, advice }
    }

    /// One or the other.
    pub fn by(is_mended: bool, says: String, advice: &'static str) -> Resolved {
        Resolved { says, advice: if is_mended { ADVICE_MENDED } else { advice } }
    }
}

/// What there is to do when what an alert told of is mended.
const ADVICE_MENDED: &str = "Nothing is left to do here. Tell each other what helped, so that it lasts.";

/// A share as people read it: `93.4 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A day as people say it on the day `today`: `6 Apr`, and `6 Apr 2025` once that is more than 11 months ago.
pub(crate) fn day_said(day: Day, today: Day) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let ((year, month, day), (this_year, this_month, this_day)) = (parts(day), parts(today));
    let said = format!("{day} {}", MONTHS[(month - 1) % 12]);
    let is_long_ago = (12 * year + month + 11, day) < (12 * this_year + this_month, this_day);
    if is_long_ago { format!("{said} {year}") } else { said }
}

/// The year, the month from 1 and the day of the month.
fn parts(day: Day) -> (usize, usize, usize) {
    let date = day.date();
    let part = |range| date.get(range).and_then(|digits: &str| digits.parse::<usize>().ok()).unwrap_or(1);
    (part(0..4), part(5..7), part(8..10))
}

/// As people say it: `30 business minutes`, `1 business hour`, `1.5 business hours`.
pub(crate) fn business_time(minutes: u32) -> String {
    match minutes {
        1 => "1 business minute".to_owned(),
        60 => "1 business hour".to_owned(),
        m if m < 60 || !m.is_multiple_of(30) => format!("{m} business minutes"),
        m => format!("{} business hours", f64::from(m) / 60.0),
    }
}

/// What was measured, as people say it: from two hours on in hours with one digit after the point.
pub(crate) fn about_business_time(minutes: u32) -> String {
    match minutes {
        m if m < 120 => business_time(m),
        m => format!("{} business hours", (f64::from(m) / 6.0).round() / 10.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_measured_is_said_in_hours() {
        let said = [0, 60, 90, 119, 120, 488, 960].map(about_business_time);
        let minutes = ["0 business minutes", "1 business hour", "1.5 business hours", "119 business minutes"];
        assert_eq!(said[..4], minutes);
        assert_eq!(said[4..], ["2 business hours", "8.1 business hours", "16 business hours"]);
    }

    #[test]
    fn a_day_is_said_as_people_say_it() {
        let said: Vec<String> = [0, 58, 20_549].map(|day| day_said(Day(day), Day(day))).to_vec();
        assert_eq!(said, ["1 Jan", "28 Feb", "6 Apr"]);
        assert_eq!(Day(20_549).date(), "2026-04-06");
    }

    #[test]
    fn a_day_of_more_than_eleven_months_ago_has_its_year() {
        let said_on = |day: &str, today: &str| day_said(day_of(day), day_of(today));
        assert_eq!(said_on("2025-04-06", "2026-03-06"), "6 Apr");
        assert_eq!(said_on("2025-04-06", "2026-03-07"), "6 Apr 2025");
        assert_eq!(said_on("2025-04-06", "2026-04-06"), "6 Apr 2025");
        assert_eq!(said_on("2023-12-31", "2026-01-01"), "31 Dec 2023");
        // The year has changed, but it is not long ago; and eleven months later there is no 31st.
        assert_eq!(said_on("2025-12-31", "2026-01-01"), "31 Dec");
        assert_eq!(said_on("2025-12-31", "2026-11-30"), "31 Dec");
        assert_eq!(said_on("2025-12-31", "2026-12-01"), "31 Dec 2025");
    }

    fn day_of(date: &str) -> Day {
        let at = format!("{date}T00:00:00Z").parse::<jiff::Timestamp>().unwrap();
        Day(i32::try_from(at.as_second() / 86_400).unwrap())
    }

    #[test]
    fn business_time_is_said_as_people_say_it() {
        for (minutes, said) in [
            (1, "1 business minute"),
            (5, "5 business minutes"),
            (60, "1 business hour"),
            (90, "1.5 business hours"),
            (100, "100 business minutes"),
            (240, "4 business hours"),
        ] {
            assert_eq!(business_time(minutes), said);
        }
    }
}
