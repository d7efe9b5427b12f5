//! How often rules speak for nothing, counted in simulated companies that stay as they are: an estimated baseline does
//! not break the stated rate, and what the rules say of themselves in words is what was measured. Beside it, that a
//! slow fault does not become usual while it grows: what makes a rule quiet must not make it blind.
//!
//! Rules that are judged daily are judged so here, on every business day, with what is usual learned anew each day, and
//! an alert lives as it does in the program: while it fires its baseline stands still, and once it is over the days up
//! to then have been told of. An alert counts where it begins.

mod ageing;
mod divergence;
mod first_touch;
mod no_data;
mod rejections;
mod revenue_pace;
mod segments;
mod shares;
mod touch_segments;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use rapport::config::Config;
use rapport::funnel::segment::book::Book;
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::share_watch::{self, Thresholds, Watch};
use rapport::funnel::signs::told_days::ToldDays;
use rapport::funnel::signs::usual_share::{self, Baseline, Outcomes, SetShare};
use rapport::funnel::terms::Terms;
use rapport::model::definitions::{Definitions, ShareWatch};
use rapport::model::delta::Step;
use rapport::model::measure::{Cell, Measure};
use rapport::model::{EventTime, Text};

/// A Monday.
const MONDAY: Day = Day(20_514);
/// Business days of a month, over which false alarms are promised.
const MONTH: u32 = 21;

fn definitions() -> Definitions {
    Config::default().definitions(&|_| Some(1), *b"a key of the ids").unwrap()
}

/// The rules at their defaults, but for what is changed.
fn terms(change: impl FnOnce(&mut Definitions)) -> Terms {
    let mut definitions = definitions();
    change(&mut definitions);
    Terms::new(definitions, 1).unwrap()
}

/// Mondays to Fridays.
fn is_business_day(day: Day) -> bool {
    (day.0 - MONDAY.0).rem_euclid(7) < 5
}

/// How many business days lie in `from..to`.
fn business_days(from: Day, to: Day) -> u64 {
    (from.0..to.0).filter(|day| is_business_day(Day(*day))).count() as u64
}

/// So many business days in a row, from a day on.
fn on_business_days(from: Day, days: u32) -> impl Iterator<Item = Day> {
    (from.0..).map(Day).filter(|day| is_business_day(*day)).take(days as usize)
}

/// A number of arrivals by Poisson's law: those of a unit of time, with exponential gaps.
fn poisson(mean: f64, dice: &mut ChaCha8Rng) -> u32 {
    let (mut n, mut left) = (0, mean);
    loop {
        left += (1.0 - dice.random::<f64>()).ln();
        if left < 0.0 {
            return n;
        }
        n += 1;
    }
}

/// What is counted in a company without segments.
#[derive(Default)]
struct Counted(Step);

impl Counted {
    fn add(&mut self, terms: &Terms, day: Day, measure: Measure, subject: &str, grade: u16, n: u32) {
        if n > 0 {
            let slice = EventTime(terms.days.day_start_ms(day.0)).minute();
            let cell = Cell { measure, subject: subject.into(), slice, grade };
            *self.0.counts.entry((Text::const_new("all"), cell)).or_default() += i64::from(n);
        }
    }

    /// All of it at once; a rule that is judged on a day does not look beyond it.
    fn book(self, terms: &Terms, told: Day) -> Book {
        let mut book = Book::default();
        let at = EventTime(terms.days.day_start_ms(told.0)).minute();
        book.apply(at, self.0, terms, &mut |_, _| {});
        book
    }
}

/// The alerts that began, and for how long was judged.
#[derive(Clone, Copy, Debug, Default)]
struct Begun {
    alerts: u32,
    /// Days on which an alert could have begun.
    days: u32,
}

impl Begun {
    fn add(&mut self, other: &Begun) {
        self.alerts += other.alerts;
        self.days += other.days;
    }

    fn months(&self) -> f64 {
        f64::from(self.days) / f64::from(MONTH)
    }

    /// At most so many a month; three standard errors of a count are left to chance.
    #[track_caller]
    fn assert_at_most(&self, a_month: f64, of: &str) {
        let (alerts, months) = (self.alerts, self.months());
        let allowed = a_month * months;
        assert!(months >= 1.0, "{of}: nothing was judged");
        assert!(f64::from(alerts) <= allowed + 3.0 * allowed.sqrt(), "{of}: {alerts} in {months:.0} months");
    }

    /// What is said of them is not twice as much as there are.
    #[track_caller]
    fn assert_no_exaggeration(&self, a_month: f64) {
        let (alerts, months) = (self.alerts, self.months());
        assert!(
            f64::from(alerts) >= 0.5 * a_month * months,
            "{alerts} in {months:.0} months, not {a_month} a month"
        );
    }
}

/// What judging remembers of a share that is watched.
#[derive(Default)]
struct WatchedShare {
    frozen: Option<(Watch, u16)>,
    told_to: Option<Day>,
    told: ToldDays,
    begun: Begun,
}

impl WatchedShare {
    /// How many days an outcome takes, where that stands still.
    fn span(&self) -> Option<u16> {
        self.frozen.map(|(_, span)| span)
    }

    /// One business day, by what is known on it.
    fn judge(
        &mut self,
        (rule, of_set): (&ShareWatch, SetShare),
        outcomes: &Outcomes,
        span: u16,
        thresholds: &mut Thresholds,
    ) {
        if let Some((watch, _)) = self.frozen {
            if share_watch::is_over(rule, &watch, thresholds.end(&watch, outcomes), outcomes) {
                (self.frozen, self.told_to) = (None, Some(outcomes.known_to));
            }
            self.tell(&watch, outcomes);
            return;
        }
        let baseline: Option<Baseline> =
            usual_share::baseline((rule, of_set), outcomes, &self.told, business_days);
        let Some(baseline) = baseline else { return };
        self.begun.days += 1;
        let from = usual_share::watched_from(rule, outcomes).max(self.told_to.unwrap_or(Day(i32::MIN)));
        let watch = thresholds.watch(rule, baseline, 1, from);
        if share_watch::look(&watch, outcomes).s >= watch.h {
            self.begun.alerts += 1;
            self.frozen = Some((watch, span));
            self.tell(&watch, outcomes);
        }
    }

    /// The days that an alert tells of as long as it fires.
    fn tell(&mut self, watch: &Watch, outcomes: &Outcomes) {
        let told = share_watch::told(watch, outcomes).filter(|_| self.frozen.is_some());
        told.map(|(from, to)| self.told.add(from, to));
    }
}
