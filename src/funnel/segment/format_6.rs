//! Alerts of the segments task as they were written before a divergence knew from which days it had learned: how they
//! are read today.

use serde::Deserialize;

use crate::model::EventTime;
use crate::model::alert::Alert;
use crate::model::explanation::Sum;

use super::super::alerting::{Frozen, Life, LifeStage};
use super::super::journey::StateError;
use super::super::signs::mql_tunnel_vision::divergence::{Baseline, Watch};
use super::super::signs::share_watch;
use super::super::signs::usual_share;
use super::SegmentsTask;
use super::series::Day;
use super::state::Key;

/// What was remembered of a rule in a segment in formats 5 and 6.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct LifeV6 {
    stage: LifeStage,
    since: EventTime,
    frozen: Option<FrozenV6>,
    told: Option<Box<Alert>>,
    sum: Option<Box<Sum>>,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
enum FrozenV6 {
    Divergence(WatchV6),
    Share { watch: ShareWatchV6, span: u16 },
    Silence { limit_ms: i64 },
}

/// The detectors of `divergence` in formats 2 to 6.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub(super) struct WatchV6 {
    baseline: BaselineV6,
    volume_h: f64,
    quality_h: f64,
    from: Day,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct BaselineV6 {
    lambda0: f64,
    p0: f64,
    conversion: f64,
    mqls_a_day: f64,
}

/// The detector of a share in formats 3 to 6, which knew nothing of weekdays.
#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct ShareWatchV6 {
    baseline: ShareBaselineV6,
    p1: f64,
    h: f64,
    alpha: f64,
    from: Day,
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct ShareBaselineV6 {
    p0: f64,
    share: f64,
    n: u64,
    a_month: u64,
    days: (Day, Day),
    scatter: f64,
}

impl ShareWatchV6 {
    fn read(self) -> share_watch::Watch {
        let ShareBaselineV6 { p0, share, n, a_month, days, scatter } = self.baseline;
        let baseline = usual_share::Baseline { p0, share, n, a_month, days, scatter, swing: 0.0 };
        share_watch::Watch { baseline, p1: self.p1, h: self.h, alpha: self.alpha, from: self.from }
    }
}

impl WatchV6 {
    /// From how many MQLs it had learned, and with which probability of a false alarm its thresholds were solved, was
    /// not written: such an alert says that what is usual was set, and 0. It had learned from the days before the
    /// watched ones.
    pub(super) fn read(self, baseline_days: u16) -> Watch {
        let BaselineV6 { lambda0, p0, conversion, mqls_a_day } = self.baseline;
        let days = (self.from.plus(-i32::from(baseline_days)), self.from);
        let baseline = Baseline { lambda0, p0, conversion, mqls_a_day, n: 0, days, swing: 0.0 };
        Watch { baseline, volume_h: self.volume_h, quality_h: self.quality_h, alpha: 0.0, from: self.from }
    }
}

impl SegmentsTask {
    /// Takes a row in.
    pub(super) fn load_format_6(&mut self, key: Key, value: Option<&[u8]>) -> Result<(), StateError> {
        let Key::Life(id) = key else { return self.load_row(key, value) };
        let life = value.map(postcard::from_bytes::<LifeV6>).transpose()?;
        let days = self.divergence_baseline_days();
        let read = |LifeV6 { stage, since, frozen, told, sum }: LifeV6| {
            let frozen = frozen.map(|frozen| match frozen {
                FrozenV6::Divergence(watch) => Frozen::Divergence(watch.read(days)),
                FrozenV6::Share { watch, span } => Frozen::Share { watch: watch.read(), span },
                FrozenV6::Silence { limit_ms } => Frozen::Silence { limit_ms },
            });
            Life { stage, since, frozen, told, sum }
        };
        self.load_life(id, life.map(read));
        Ok(())
    }

    /// How many days `divergence` learns from by the terms at hand.
    pub(super) fn divergence_baseline_days(&self) -> u16 {
        self.terms.definitions.rules.divergence.as_ref().map_or(0, |rule| rule.baseline_days)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::alerting::Identity;
    use super::super::super::signs::rule::Rule;
    use super::super::super::terms::Terms;
    use super::*;
    use crate::model::Text;

    fn task() -> SegmentsTask {
        let definitions =
            crate::config::Config::default().definitions(&|_| Some(1), *b"a key of the ids").unwrap();
        SegmentsTask::new(Arc::new(Terms::new(definitions, 1).unwrap()))
    }

    /// What was written of an alert that fired, and what becomes of it.
    fn read(frozen: FrozenV6) -> Option<Frozen> {
        let id = Identity::of_segment(Rule::Divergence, &Text::const_new("all"));
        let (stage, since) = (LifeStage::Pending, EventTime(7));
        let life = LifeV6 { stage, since, frozen: Some(frozen), told: None, sum: None };
        let mut task = task();
        let (key, value) = (Key::Life(id.clone()), postcard::to_stdvec(&life).unwrap());
        task.load(&postcard::to_stdvec(&key).unwrap(), Some(&value), 6).unwrap();
        let life = task.lives.remove(&id).unwrap();
        assert_eq!((life.stage, life.since), (stage, since));
        life.frozen
    }

    #[test]
    fn alerts_of_format_6_keep_what_they_were_set_by() {
        let baseline = BaselineV6 { lambda0: 21.0, p0: 0.3, conversion: 0.35, mqls_a_day: 20.0 };
        let watch = WatchV6 { baseline, volume_h: 12.0, quality_h: 4.0, from: Day(20_500) };
        let Some(Frozen::Divergence(watch)) = read(FrozenV6::Divergence(watch)) else { panic!("it is one") };
        assert_eq!((watch.volume_h, watch.quality_h, watch.from), (12.0, 4.0, Day(20_500)));
        let Baseline { lambda0, p0, conversion, mqls_a_day, n, days, swing } = watch.baseline;
        assert_eq!(swing, 0.0, "it was set without one");
        assert_eq!((lambda0, p0, conversion, mqls_a_day), (21.0, 0.3, 0.35, 20.0));
        let learned = i32::from(task().divergence_baseline_days());
        assert_eq!(
            (n, days),
            (0, (Day(20_500 - learned), Day(20_500))),
            "from the days before the watched ones"
        );
        let days = (Day(20_300), Day(20_444));
        let baseline = ShareBaselineV6 { p0: 0.2, share: 0.18, n: 900, a_month: 150, days, scatter: 1.5 };
        let watch = ShareWatchV6 { baseline, p1: 0.4, h: 5.0, alpha: 0.01, from: Day(20_444) };
        let Some(Frozen::Share { watch, span }) = read(FrozenV6::Share { watch, span: 9 }) else {
            panic!("it is one")
        };
        assert_eq!((watch.p1, watch.h, watch.alpha, watch.from, span), (0.4, 5.0, 0.01, Day(20_444), 9));
        let usual_share::Baseline { p0, share, n, a_month, days: learned, scatter, swing } = watch.baseline;
        assert_eq!((p0, share, n, a_month, learned), (0.2, 0.18, 900, 150, days));
        assert_eq!((scatter, swing), (1.5, 0.0), "it was set without a swing");
        let silence = read(FrozenV6::Silence { limit_ms: 5 });
        assert_eq!(silence, Some(Frozen::Silence { limit_ms: 5 }));
    }
}
