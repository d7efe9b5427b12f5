//! Changes of counts as they were written before evidence said what it speaks of: how they are read today.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::delta::{Evidence, Step};
use super::fact::Fact;
use super::measure::{Cell, Measure};
use super::{Minute, Text};

/// The changes of a boundary.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct StepBefore {
    counts: BTreeMap<(Text, Cell), i64>,
    evidence: BTreeMap<EvidenceBefore, i64>,
    programs: Vec<Fact>,
}

/// A lead behind a count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct EvidenceBefore {
    measure: Measure,
    slice: Minute,
    id: Text,
    segments: Vec<Text>,
}

impl From<EvidenceBefore> for Evidence {
    fn from(EvidenceBefore { measure, slice, id, segments }: EvidenceBefore) -> Evidence {
        Evidence { measure, slice, id, subject: Text::default(), segments }
    }
}

impl From<StepBefore> for Step {
    fn from(StepBefore { counts, evidence, programs }: StepBefore) -> Step {
        let evidence = evidence.into_iter().map(|(evidence, n)| (evidence.into(), n)).collect();
        Step { counts, evidence, programs }
    }
}
