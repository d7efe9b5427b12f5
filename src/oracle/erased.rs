//! Who was erased, and the alerts that are told again without.
//!
//! Rules: `src/funnel/semantics.md`, "Lifecycle" and "Definitions that change".

use std::collections::{BTreeMap, BTreeSet};

use super::ENDINGS;
use super::funnel::Judged;
use crate::model::alert::{Alert, AlertState};
use crate::model::{Minute, Text};

/// An alert, in the order in which several are told again at one boundary.
type Name = (Option<usize>, bool, Text, Text);

fn name(alert: &Alert) -> Name {
    let rule = ENDINGS.iter().position(|rule| alert.rule == *rule);
    (rule, alert.segment != "all", alert.segment.clone(), alert.subject.clone().unwrap_or_default())
}

/// Ids by the boundary from which on no alert names them: the first one that is judged from their erasure on.
fn by_boundary(judged: &[Judged], erasures: Vec<(Minute, Text)>) -> BTreeMap<Minute, (u32, BTreeSet<Text>)> {
    let mut all: BTreeMap<Minute, (u32, BTreeSet<Text>)> = BTreeMap::new();
    for (boundary, id) in erasures {
        let Some(stretch) = judged.iter().find(|stretch| boundary <= stretch.to) else { continue };
        let at = boundary.max(stretch.from);
        all.entry(at).or_insert((stretch.number, BTreeSet::new())).1.insert(id);
    }
    all
}

/// All that is said, in order: what ends because of other definitions, each with `true`, and what does not; with the
/// alerts that are told again.
pub(super) fn told_again(
    said: Vec<(bool, Alert)>,
    judged: &[Judged],
    erasures: Vec<(Minute, Text)>,
) -> Vec<Alert> {
    let erased = by_boundary(judged, erasures);
    let mut waiting = erased.iter().peekable();
    let mut firing: BTreeMap<Name, Alert> = BTreeMap::new();
    let mut all = vec![];
    for (is_ending, mut message) in said {
        while let Some((at, (number, ids))) = waiting.next_if(|(at, _)| at.start() < message.at) {
            all.extend(forget(&mut firing, *at, *number, ids));
        }
        if is_ending {
            // It repeats what was told last.
            let now = waiting.peek().filter(|(at, _)| at.start() == message.at).map(|(_, (_, ids))| ids);
            let told = &firing[&name(&message)].evidence;
            let names = told.iter().filter(|id| now.is_none_or(|ids| !ids.contains(*id)));
            message.evidence = names.cloned().collect();
        }
        match message.state {
            AlertState::Firing => firing.insert(name(&message), message.clone()),
            AlertState::Resolved => firing.remove(&name(&message)),
        };
        all.push(message);
    }
    for (at, (number, ids)) in waiting {
        all.extend(forget(&mut firing, *at, *number, ids));
    }
    all
}

fn forget(firing: &mut BTreeMap<Name, Alert>, at: Minute, number: u32, ids: &BTreeSet<Text>) -> Vec<Alert> {
    let mut again = vec![];
    for alert in firing.values_mut().filter(|alert| alert.evidence.iter().any(|id| ids.contains(id))) {
        let evidence = alert.evidence.iter().filter(|id| !ids.contains(*id)).cloned().collect();
        *alert = Alert { evidence, at: at.start(), definitions_version: number, ..alert.clone() };
        again.push(alert.clone());
    }
    again
}
