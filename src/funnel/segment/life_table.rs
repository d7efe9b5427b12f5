//! The life table of what entered and what became of it, from counts by day and by age.

use super::series::{Day, Series};

/// (at risk, ended) at each whole day of age below `horizon`, over what entered from the day `from` on, as known at the
/// start of `today`: only ages that a whole day's entries have lived through count.
pub fn life_table(entered: &Series, ended: &Series, from: Day, today: Day, horizon: u16) -> Vec<(u64, u64)> {
    let mut at_risk = vec![0i64; usize::from(horizon)];
    let mut events = vec![0i64; usize::from(horizon)];
    // What entered on day d has been at risk for the whole of age a once a + 1 days have passed since the end of
    // day d: ages up to today − d − 2 are complete.
    let complete = |day: Day| (today.0 - day.0 - 1).clamp(0, i32::from(horizon)) as usize;
    for (day, n) in entered.each_day(from, today) {
        at_risk[..complete(day)].iter_mut().for_each(|cell| *cell += n);
    }
    for (day, age, n) in ended.each_grade(from, today) {
        let (age, complete) = (usize::from(age), complete(day));
        if age < complete {
            events[age] += n;
            at_risk[age + 1..complete].iter_mut().for_each(|cell| *cell -= n);
        }
    }
    let sum = |n: i64| n.max(0) as u64;
    at_risk.into_iter().zip(events).map(|(r, e)| (sum(r), sum(e))).take_while(|(r, _)| *r > 0).collect()
}
