//! How the paces come about, for a person who works them out by hand.

use crate::model::definitions::RevenuePace;
use crate::model::explanation::{AtRisk, Sum};
use crate::model::words::Family;

use super::super::super::program_rule::Place;
use super::super::super::usual_share::MONTH_BUSINESS_DAYS;
use super::super::pace::{self, Pace};
use super::{Course, a_look};

impl Course {
    /// How the paces come about, in minor units.
    pub(super) fn sum(&self, rule: &RevenuePace, place: &Place<'_>, n: u64) -> Sum {
        let Course { pace, sizes, won, limit, sd, .. } = *self;
        let mut sum = Sum::default();
        let days = "business days of marketing that are over, of all";
        sum.figure("part of the period that is over", pace.elapsed, days);
        let untold = |family: Family, pace: &Pace| {
            pace::left_out(place.scene, family).named(pace.from, self.until).unwrap_or_default()
        };
        if pace.told < pace.elapsed {
            let days = untold(Family::Deals, &pace);
            sum.figure("part that was told of", pace.told, format!("without {days}: no deals were told"));
        }
        if let Some((_, mqls)) = self.mqls {
            let part = match mqls.told < mqls.elapsed {
                true => {
                    let days = untold(Family::Leads, &mqls);
                    format!("target x the part that is over, without {days}: no leads were told")
                }
                false => "target x the part that is over".to_owned(),
            };
            sum.figure("MQLs asked for by now", mqls.planned, part);
            sum.figure("MQLs", mqls.done, "since the period began");
        }
        sum.figure(
            "revenue asked for by now",
            pace.planned,
            match pace.told < pace.elapsed {
                true => "target x the part that was told of, in minor units",
                false => "target x the part that is over, in minor units",
            },
        );
        let counted = "won by deals that marketing sourced since the period began, in minor units";
        sum.figure("revenue", pace.done, counted);
        sum.figure("value", self.of_plan(pace.done), "revenue / revenue asked for by now");
        sum.figure("behind", self.behind(), "revenue asked for by now - revenue");
        let of = format!("E[x^2] / E[x] of {} deals that were won, each amount to within 2 %", sizes.n);
        sum.figure("spread of a deal", sizes.spread, of);
        self.tell_interval(&mut sum);
        sum.figure("spread of the revenue", sd, "root of (revenue asked for by now x spread of a deal)");
        let look = format!(
            "{} alerts a month / {MONTH_BUSINESS_DAYS} business days, one half at most",
            rule.alerts_per_month.as_f64()
        );
        sum.figure("chance of a look", a_look(rule), look);
        sum.figure("z", limit, "the normal quantile of 1 - the chance of a look");
        sum.figure("too far behind", limit * sd, "z x spread of the revenue");
        sum.figure("threshold", self.threshold(), "1 - too far behind / revenue asked for by now");
        sum.figure("deals won", won.n as f64, "by marketing, since the period began");
        let with_amount = format!("of the deals won, those with an amount in {}", self.currency.as_str());
        sum.figure("n", n as f64, with_amount);
        sum.figure("deals without an amount", won.without_amount as f64, "of the deals won");
        let elsewhere = "of the deals won, in a currency for which there is no target in the period";
        sum.figure("deals without a target", won.without_target as f64, elsewhere);
        sum.figure(
            "usual size of a deal",
            sizes.mean,
            format!("E[x] of the {} deals, each to within 2 %", sizes.n),
        );
        sum.figure(
            "behind at least",
            self.behind_at_least(),
            "behind - the usual size for each deal without an amount or a target; only this is held against too far \
             behind",
        );
        let minor = self.behind().round() as i64;
        if minor > 0 {
            sum.at_risk.push(AtRisk { currency: self.currency, minor });
        }
        sum
    }

    /// How the interval comes about, where there is one.
    fn tell_interval(&self, sum: &mut Sum) {
        let Some((low, high)) = self.interval() else { return };
        let wins = self.wins();
        sum.figure("deals that the revenue counts as", wins, "revenue / spread of a deal, at least 0");
        let garwood = format!(
            "Garwood's 95 % interval of {wins:.2} deals x spread of a deal / revenue asked for by now"
        );
        sum.figure("interval_low", low, garwood.clone());
        sum.figure("interval_high", high, garwood);
    }
}
