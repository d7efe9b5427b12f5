//! Makes a schedule that fails smaller as long as it fails in the same way.

use super::schedule::{Action, Flavour, Schedule};

/// So many smaller schedules are tried at most.
const TRIES_MAX: usize = 400;

/// The smallest schedule that could be found for which `fails` still says so.
pub fn shrink(schedule: &Schedule, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    let mut smallest = schedule.clone();
    let mut tries = TRIES_MAX;
    let mut try_it = |candidate: &Schedule| {
        tries = tries.saturating_sub(1);
        tries > 0 && fails(candidate)
    };
    loop {
        let before = smallest.clone();
        smallest = with_fewer_actions(smallest, &mut try_it);
        for simpler in simpler_worlds() {
            let mut candidate = smallest.clone();
            simpler(&mut candidate);
            if candidate != smallest && try_it(&candidate) {
                smallest = candidate;
            }
        }
        smallest = with_fewer_events(smallest, &mut try_it);
        if smallest == before {
            return smallest;
        }
    }
}

/// Takes away halves, quarters and so on of the actions, down to single ones.
fn with_fewer_actions(mut schedule: Schedule, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    let mut size = schedule.actions.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        while from < schedule.actions.len() {
            let mut candidate = schedule.clone();
            let to = (from + size).min(candidate.actions.len());
            candidate.actions.drain(from..to);
            if fails(&candidate) {
                schedule = candidate;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    schedule
}

fn with_fewer_events(mut schedule: Schedule, fails: &mut dyn FnMut(&Schedule) -> bool) -> Schedule {
    while schedule.company.events > 1 {
        let mut candidate = schedule.clone();
        candidate.company.events /= 2;
        if !fails(&candidate) {
            break;
        }
        schedule = candidate;
    }
    schedule
}

/// Each makes one thing of a schedule simpler.
fn simpler_worlds() -> Vec<fn(&mut Schedule)> {
    vec![
        |s| s.company.has_wall = false,
        |s| s.company.has_changes = false,
        |s| s.company.has_intakes = false,
        |s| s.company.retention_days = 0,
        |s| s.company.flavour = Flavour::Still,
        |s| s.company.partitions = 1,
        |s| s.company.partitions = s.company.partitions.min(2),
        |s| s.company.days = 1,
        |s| s.group.instances = 1,
        |s| s.group.instances = s.group.instances.min(2),
        |s| s.group.is_static = true,
        |s| s.group.chop = 0,
        |s| s.group.ahead_hours = 0,
        |s| s.group.marker_steps = 0,
        |s| s.group.batch = 1,
        |s| s.group.batch = 100,
        |s| s.group.commit_ms = 10,
        |s| s.group.transaction_ms = 20_000,
        |s| s.group.session_ms = 6_000,
        |s| s.actions.iter_mut().for_each(|(round, _)| *round /= 2),
        |s| s.actions.iter_mut().for_each(|(_, action)| wait_less(action)),
    ]
}

/// Half of what is waited for.
fn wait_less(action: &mut Action) {
    match action {
        Action::Pause { ms, .. } | Action::Cut { ms, .. } => *ms /= 2,
        Action::Down { ms } | Action::Move { ms, .. } => *ms /= 2,
        Action::Late { steps, .. } | Action::CrashLate { steps, .. } => *steps = (*steps / 2).max(1),
        Action::Crash { back_ms, .. } | Action::Leave { back_ms, .. } => *back_ms = back_ms.map(|ms| ms / 2),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::draw;
    use super::*;

    #[test]
    fn what_does_not_matter_is_taken_away() {
        let schedule = (0..).map(draw).find(|s| {
            let fences = s.actions.iter().filter(|(_, action)| matches!(action, Action::Fence { .. }));
            fences.count() >= 2 && s.company.partitions > 2
        });
        let mut fails = |s: &Schedule| {
            let is_fence = |(_, action): &&(u64, Action)| matches!(action, Action::Fence { .. });
            s.company.partitions >= 2 && s.actions.iter().filter(is_fence).count() >= 2
        };
        let smallest = shrink(&schedule.unwrap(), &mut fails);
        assert!(smallest.actions.iter().all(|(_, action)| matches!(action, Action::Fence { .. })));
        assert_eq!((smallest.actions.len(), smallest.company.partitions), (2, 2), "{smallest}");
        assert_eq!((smallest.company.events, smallest.group.instances), (1, 1), "{smallest}");
    }
}
