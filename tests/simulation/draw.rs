//! Schedules drawn from seeds: small companies, one to three instances, a dozen misfortunes.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rapport::log::memory::CoordinatorType;

use super::schedule::{Action, Call, Company, Flavour, Group, Schedule, When};

/// Over so many rounds the misfortunes are spread.
const ROUNDS: u64 = 160;

/// The schedule of a seed.
pub fn draw(seed: u64) -> Schedule {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let company = company(&mut rng, seed);
    let group = group(&mut rng, seed);
    let mut actions = Vec::new();
    for _ in 0..rng.random_range(3..=14) {
        let round = rng.random_range(0..ROUNDS);
        actions.push((round, action(&mut rng, &group)));
    }
    for _ in 0..rng.random_range(2..=5) {
        let events = rng.random_range(1..=company.events as usize / 3);
        actions.push((rng.random_range(0..ROUNDS), Action::Feed { events }));
    }
    actions.sort_by_key(|(round, _)| *round);
    Schedule { company, group, actions }
}

fn company(rng: &mut ChaCha8Rng, seed: u64) -> Company {
    let flavours = [Flavour::Hot, Flavour::Hot, Flavour::Still, Flavour::Moving];
    let has_wall = rng.random_range(0..5) == 0;
    Company {
        seed,
        partitions: rng.random_range(1..=4),
        has_intakes: rng.random_range(0..3) == 0,
        events: rng.random_range(30..=110),
        days: rng.random_range(1..=6),
        leads: rng.random_range(4..=20),
        flavour: flavours[rng.random_range(0..flavours.len())],
        retention_days: if rng.random_range(0..3) == 0 { rng.random_range(1..=3) } else { 0 },
        has_changes: rng.random_range(0..4) == 0,
        has_wall,
    }
}

fn group(rng: &mut ChaCha8Rng, seed: u64) -> Group {
    Group {
        seed,
        instances: rng.random_range(1..=3),
        is_static: rng.random_range(0..4) > 0,
        batch: rng.random_range(1..=30),
        marker_steps: [0, 3, 10, 40][rng.random_range(0..4)],
        commit_ms: [10, 60, 200][rng.random_range(0..3)],
        session_ms: [400, 1_500, 6_000][rng.random_range(0..3)],
        transaction_ms: [1_000, 8_000, 30_000][rng.random_range(0..3)],
        ahead_hours: [0, 3, 24][rng.random_range(0..3)],
        chop: [0, 0, 40, 9][rng.random_range(0..4)],
    }
}

fn call(rng: &mut ChaCha8Rng) -> Call {
    match rng.random_range(0..4) {
        0 => Call::Places,
        1 => Call::End,
        _ => Call::Nth(rng.random_range(1..=25)),
    }
}

fn request(rng: &mut ChaCha8Rng) -> Call {
    if rng.random_range(0..4) == 0 { Call::Places } else { Call::End }
}

/// Soon, after everybody has noticed, or never.
fn back(rng: &mut ChaCha8Rng) -> Option<u64> {
    match rng.random_range(0..10) {
        0..6 => Some(rng.random_range(0..800)),
        6..8 => Some(rng.random_range(800..10_000)),
        _ => None,
    }
}

fn action(rng: &mut ChaCha8Rng, group: &Group) -> Action {
    let who = rng.random_range(0..group.instances);
    let when = if rng.random_range(0..2) == 0 { When::Before } else { When::After };
    // Shorter than a session, or longer.
    let spell_ms = |rng: &mut ChaCha8Rng| rng.random_range(20..=group.session_ms * 2);
    match rng.random_range(0..45) {
        42.. => {
            let all = [CoordinatorType::Group, CoordinatorType::Transaction, CoordinatorType::Transaction];
            let of = all[rng.random_range(0..all.len())];
            Action::Move { of, when, ms: spell_ms(rng) }
        }
        // Its place is sent and hangs there: whoever takes over has to end what it left.
        40..42 => {
            let back_ms = Some(rng.random_range(5_000..20_000)).filter(|ms| ms % 2 == 0);
            Action::Crash { who, call: Call::End, when: When::Before, back_ms }
        }
        0..8 => Action::Crash { who, call: call(rng), when, back_ms: back(rng) },
        8..11 => Action::Fail { who, call: call(rng), when, is_for_good: rng.random_range(0..2) == 0 },
        11..15 => Action::Late { who, call: request(rng), steps: rng.random_range(1..=60) },
        15 => Action::Lose { who, call: call(rng) },
        16..18 => {
            let steps = rng.random_range(1..=60);
            Action::CrashLate { who, call: request(rng), steps, back_ms: back(rng) }
        }
        18..24 => Action::Pause { who, call: call(rng), ms: spell_ms(rng) },
        24..27 => Action::Cut { who, ms: spell_ms(rng) },
        27 => Action::Slow { who, by_ms: rng.random_range(5..=100), ms: spell_ms(rng) },
        28..30 => Action::Fence { who },
        30 => Action::Expire,
        31 => Action::Down { ms: rng.random_range(20..=3_000) },
        32..34 => Action::Rebalance,
        34 => Action::Join,
        35..37 => Action::Leave { who, back_ms: back(rng) },
        _ => Action::Restart { who },
    }
}
