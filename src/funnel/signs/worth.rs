//! What a journey in a stage is worth on average: how many of them are won, times what a won deal brings.
//!
//! Of the whole company, over a year: the conversion to won of the cohorts that are old enough, and the amounts of
//! the deals won, each currency by itself. It is what such journeys brought so far, not what they will bring.

use crate::model::explanation::{AtRisk, Sum};
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::words::{Stage, Step};

use super::percent;
use super::scene::Scene;
use crate::funnel::segment::book::Segment;

/// Days that are looked back.
const DAYS: i32 = 365;
/// With fewer journeys or fewer wins nothing is said.
const LEAST_JOURNEYS: i64 = 100;
const LEAST_WINS: i64 = 10;

/// What a journey in a stage is worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Worth {
    stage: Stage,
    horizon_days: u16,
    n: i64,
    won: i64,
    wins: i64,
    /// Minor units of all wins, by currency.
    brought: Vec<(Currency, i64)>,
}

/// What journeys that enter a stage are worth; `None` while too little is known, and for stages that nobody counts
/// from.
pub fn of_stage(scene: &Scene<'_>, stage: Stage) -> Option<Worth> {
    let step = match stage {
        Stage::Mql => Step::MqlToWon,
        Stage::Sql => Step::SqlToWon,
        Stage::Opportunity => Step::OpportunityToWon,
        _ => return None,
    };
    let all = scene.book.segment_or_empty("all");
    let horizon_days = scene.terms.definitions.horizons.get(&step).copied()?;
    let (from, to) = (scene.today.plus(-DAYS), scene.today.plus(-i32::from(horizon_days) - 1));
    let n = all.series(Measure::Entered(stage), "").days(from, to);
    let converted = all.series(Measure::Converted(step), "").each_grade(from, to);
    let won = converted.filter(|(_, age, _)| *age < horizon_days).map(|(_, _, n)| n).sum::<i64>().max(0);
    let wins = all.series(Measure::DealsWon, "").days(from, scene.today);
    (n >= LEAST_JOURNEYS && wins >= LEAST_WINS).then(|| {
        let brought = brought(scene, all);
        Worth { stage, horizon_days, n, won: won.min(n), wins, brought }
    })
}

fn brought(scene: &Scene<'_>, all: &Segment) -> Vec<(Currency, i64)> {
    let from = scene.today.plus(-DAYS);
    let by_currency = all.subjects(Measure::WonAmount);
    let of_year = by_currency
        .filter_map(|(code, series)| Some((Currency::parse(code)?, series.days(from, scene.today))));
    of_year.filter(|(_, minor)| *minor > 0).collect()
}

impl Worth {
    /// Says what so many journeys are worth, and how that comes about; `from` is how their number does.
    pub fn tell(&self, journeys: f64, from: impl Into<String>, sum: &mut Sum) {
        sum.figure("journeys at risk", journeys, from);
        let (stage, days) = (self.stage.as_str().to_uppercase(), self.horizon_days);
        let conversion = self.won as f64 / self.n as f64;
        sum.figure(
            "win rate",
            conversion,
            format!(
                "{} of the {} {stage}s of a year that are {days} days old were won by then",
                self.won, self.n
            ),
        );
        for (currency, minor) in &self.brought {
            let a_win = *minor as f64 / self.wins as f64;
            let at_risk = (journeys * conversion * a_win).round();
            let code = currency.as_str();
            sum.figure(
                format!("{code} of a won deal, in minor units"),
                a_win,
                format!("{minor} of {} deals won in a year", self.wins),
            );
            sum.figure(
                format!("{code} at risk, in minor units"),
                at_risk,
                format!("{journeys:.1} journeys x {} x {a_win:.0}", percent(conversion)),
            );
            sum.at_risk.push(AtRisk { currency: *currency, minor: at_risk as i64 });
        }
    }
}
