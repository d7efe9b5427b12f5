//! What is to be simulated: the company, the plot that its two teams live through, and the disorder
//! in which their events arrive.
//!
//! Plain values with sensible defaults. [`Scenario::check`] refuses what cannot be, by name.

use std::fmt;

use super::case::Case;
use super::disorder::Disorder;
use super::plot::Plot;
use super::profile::Profile;
use crate::model::{DAY_MS, EARLIEST, EventTime, LATEST, Text};

/// The part of the funnel that a fault touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Segment {
    /// The whole company.
    #[default]
    All,
    /// Leads of one source.
    Source(Text),
    /// Leads of one region.
    Region(Text),
}

impl Segment {
    /// Reads `all`, `source=…` or `region=…`.
    pub fn parse(word: &str) -> Option<Segment> {
        match word.split_once('=') {
            None => (word == "all").then_some(Segment::All),
            Some(("source", name)) => Some(Segment::Source(name.into())),
            Some(("region", name)) => Some(Segment::Region(name.into())),
            Some(_) => None,
        }
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Segment::All => f.write_str("all"),
            Segment::Source(name) => write!(f, "source={name}"),
            Segment::Region(name) => write!(f, "region={name}"),
        }
    }
}

/// A company and its story. The same scenario is the same stream, byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Seed of all the dice.
    pub seed: u64,
    /// Nothing happens before.
    pub start: EventTime,
    /// For how many days things happen.
    pub days: u32,
    /// What is planted.
    pub plot: Plot,
    /// How strong it is, from 0 (nothing) to 1.
    pub dose: f64,
    /// The day, counted from `start`, on which the fault begins.
    pub onset_day: u32,
    /// The day on which the second fault of [`Plot::FallingOut`] begins.
    pub second_onset_day: u32,
    /// Over how many days from its onset on a fault grows from nothing to its dose; 0: it begins at once.
    pub ramp_days: u32,
    /// The day on which every fault ends again, if it does.
    pub end_day: Option<u32>,
    /// The part of the funnel that the faults touch.
    pub segment: Segment,
    /// Under which circumstances.
    pub case: Case,
    /// The day, counted from `start`, on which they begin, where they have a beginning.
    pub case_day: u32,
    /// How much the company varies from week to week and from rep to rep, from 0 (by chance alone) to 1.
    pub noise: f64,
    /// The company when all is well.
    pub company: Profile,
    /// How its events arrive.
    pub disorder: Disorder,
}

impl Default for Scenario {
    /// 90 healthy days from 2026-01-05, a Monday, with moderate noise; a fault would begin on day 60, a second one on
    /// day 72.
    fn default() -> Scenario {
        Scenario {
            seed: 1,
            start: EventTime(1_767_571_200_000),
            days: 90,
            plot: Plot::Healthy,
            dose: 1.0,
            onset_day: 60,
            second_onset_day: 72,
            ramp_days: 0,
            end_day: None,
            segment: Segment::All,
            case: Case::Ordinary,
            case_day: 60,
            noise: 0.4,
            company: Profile::default(),
            disorder: Disorder::default(),
        }
    }
}

/// Why a scenario cannot be played.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// It lasts no time, or leaves the times that events may have.
    #[error("a scenario needs at least one day and must lie between 1990 and 2100: check `start` and `days`")]
    ImpossiblePeriod,
    /// A share is no share.
    #[error("`{0}` must be a number from 0 to 1")]
    NotAShare(&'static str),
    /// A rate cannot be.
    #[error("`{field}` must be a number from 0 to {max}")]
    ImpossibleRate {
        /// Which one.
        field: &'static str,
        /// The largest one that is played.
        max: u32,
    },
    /// Nothing to choose from.
    #[error("`{0}` must have 1 to 255 entries with names of 1 to 64 bytes and weights above 0")]
    NoChoice(&'static str),
    /// Nobody ever works.
    #[error("`hours` must open before they close, within one day")]
    NoWorkingHours,
    /// The faults are to touch a part of the funnel that is not there.
    #[error("`segment` is `{0}`, but the company has no such source or region")]
    UnknownSegment(String),
    /// What is planted concerns the whole company.
    #[error("{0} concerns the whole company: `segment` must be all")]
    OfAllAlone(Plot),
    /// A span of time is negative, upside down, or longer than a year.
    #[error("`{0}` must be from 0 to 366 days, the shortest first")]
    ImpossibleSpan(&'static str),
}

impl Scenario {
    /// This plot, all else by default.
    pub fn of(plot: Plot, seed: u64) -> Scenario {
        Scenario { plot, seed, ..Scenario::default() }
    }

    /// A healthy company in this case, with the profile that goes with it; all else by default.
    pub fn in_case(case: Case, seed: u64) -> Scenario {
        Scenario { case, seed, company: case.company(), ..Scenario::default() }
    }

    /// The end of the simulated time, exclusive.
    pub fn end(&self) -> EventTime {
        self.day(self.days)
    }

    /// The instant at which a day of the scenario begins.
    pub fn day(&self, day: u32) -> EventTime {
        self.start.plus_ms(i64::from(day) * DAY_MS)
    }

    /// Whether it can be played.
    ///
    /// # Errors
    /// The first thing that cannot be, by the name of its field.
    pub fn check(&self) -> Result<(), ScenarioError> {
        if self.days == 0 || self.start < EARLIEST || self.end() > LATEST {
            return Err(ScenarioError::ImpossiblePeriod);
        }
        check_share("dose", self.dose)?;
        check_share("noise", self.noise)?;
        self.company.check()?;
        // More would run into the numbers of a flood's leads.
        let leads = self.company.leads_per_business_day * f64::from(self.days);
        check_rate("leads_per_business_day * days", leads, 400_000_000)?;
        self.disorder.check()?;
        let known = match &self.segment {
            Segment::All => true,
            Segment::Source(name) => self.company.sources.iter().any(|source| source.name == *name),
            Segment::Region(name) => self.company.regions.iter().any(|region| region.name == *name),
        };
        match known {
            false => Err(ScenarioError::UnknownSegment(self.segment.to_string())),
            true if self.segment != Segment::All && self.plot.is_of_all_alone() => {
                Err(ScenarioError::OfAllAlone(self.plot))
            }
            true => Ok(()),
        }
    }
}

/// Refuses what lies outside of 0 to 1.
pub(super) fn check_share(field: &'static str, share: f64) -> Result<(), ScenarioError> {
    if (0.0..=1.0).contains(&share) { Ok(()) } else { Err(ScenarioError::NotAShare(field)) }
}

/// Refuses a rate that is negative, no number, or beyond `max`.
pub(super) fn check_rate(field: &'static str, rate: f64, max: u32) -> Result<(), ScenarioError> {
    let possible = (0.0..=f64::from(max)).contains(&rate);
    if possible { Ok(()) } else { Err(ScenarioError::ImpossibleRate { field, max }) }
}

#[cfg(test)]
mod tests {
    use super::super::working_hours::WorkingHours;
    use super::*;

    #[test]
    fn names_read_back() {
        for word in ["all", "source=webinar", "region=emea"] {
            assert_eq!(Segment::parse(word).unwrap().to_string(), word);
        }
        assert_eq!(Segment::parse("webinar"), None);
        assert_eq!(Segment::parse("owner=rep-01"), None);
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let refused = |change: &dyn Fn(&mut Scenario)| {
            let mut scenario = Scenario::default();
            change(&mut scenario);
            scenario.check().map_err(|error| error.to_string()).unwrap_err()
        };
        for (change, named) in [
            (&(|s: &mut Scenario| s.days = 0) as &dyn Fn(&mut Scenario), "`days`"),
            (&|s| s.days = u32::MAX, "`days`"),
            (&|s| s.start = EventTime(i64::MAX), "`start`"),
            (&|s| s.start = EventTime(0), "`start`"),
            (&|s| s.dose = 1.5, "`dose`"),
            (&|s| s.dose = f64::NAN, "`dose`"),
            (&|s| s.noise = -0.1, "`noise`"),
            (&|s| s.company.slowness = 0.0, "`slowness`"),
            (&|s| s.company.sales_hours = Some(WorkingHours::between(5, 4)), "`hours`"),
            (&|s| s.segment = Segment::Source("fax".into()), "`source=fax`"),
            (
                &|s| {
                    s.plot = Plot::RevenuePace;
                    s.segment = Segment::Source("organic".into());
                },
                "revenue_pace",
            ),
            (&|s| s.company.sources.clear(), "`sources`"),
            (&|s| s.company.regions[0].weight = -1.0, "`regions`"),
            (&|s| s.company.reps = 0, "`reps`"),
            (&|s| s.company.leads_per_business_day = f64::INFINITY, "`leads_per_business_day`"),
            (&|s| s.company.leads_per_business_day = 9e6, "`leads_per_business_day * days`"),
            (&|s| s.company.hours.closes_minute = 1, "`hours`"),
            (&|s| s.company.lead_to_mql = -0.1, "`lead_to_mql`"),
            (&|s| s.disorder.garbage_share = 2.0, "`garbage_share`"),
            (&|s| s.disorder.late_by_ms = (5, 4), "`late_by_ms`"),
            (&|s| s.disorder.reorder_ms = -1, "`reorder_ms`"),
        ] {
            let error = refused(change);
            assert!(error.contains(named), "{error} should name {named}");
        }
        assert_eq!(Scenario::default().check(), Ok(()));
    }
}
