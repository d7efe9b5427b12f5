//! Who is erased with whom: what was merged into a lead is the same person.
//!
//! The row in which both live tells the merged lead's home, where alerts named it. From there on the erasure goes the
//! way of any other fact of that lead.

use crate::model::Minute;
use crate::model::control::{Control, Moved};
use crate::model::entity::{EntityKey, EntityKind};
use crate::model::fact::Says;

use super::moving::{self, after};
use super::row::{Held, Row, Whose};

/// Erases every lead in `row` that was merged into an erased one, and says what their homes are to be told.
pub fn erase_merged(row: &mut Row, now: Minute, facts_max: usize) -> Vec<Control> {
    let mut told = Vec::new();
    if row.guests.iter().all(|guest| guest.entity.kind != EntityKind::Lead) {
        return told;
    }
    loop {
        let erased = erased_with_others(row, now);
        if erased.is_empty() {
            return told;
        }
        for held in erased {
            let entity = row.entity_of(held.whose);
            told.push(Control::Moved(Moved {
                to: entity,
                entity,
                id: moving::id_of(row, held.whose, now),
                trail: Vec::new(),
                at: held.fact.at,
                hops: 0,
                facts: vec![held.fact.clone()],
            }));
            row.offer(held, now, facts_max);
        }
    }
}

/// The erasures of leads that live here and that none forgets yet, by those that are here of whom they were merged
/// into: one for each.
fn erased_with_others(row: &Row, now: Minute) -> Vec<Held> {
    let erasures = || row.held.iter().filter(|h| matches!(h.fact.says, Says::Erased));
    let mut found: Vec<(EntityKey, Held)> = Vec::new();
    for (i, guest) in (0..).zip(&row.guests) {
        let key = guest.entity.key;
        if guest.entity.kind != EntityKind::Lead || erasures().any(|h| row.entity_of(h.whose).key == key) {
            continue;
        }
        let with_it = |of: EntityKey| of == row.entity.key || guest.came_with(of);
        let whose = Whose::Guest(i);
        let lives_after = |since: Minute| row.held.iter().any(|h| h.whose == whose && h.until > since);
        let by_others = erasures()
            .filter(|h| with_it(row.entity_of(h.whose).key))
            .map(|h| Held { whose, since: h.since.max(after(now)), until: Minute::MAX, fact: h.fact.clone() })
            .filter(|h| lives_after(h.since));
        let Some(first) = by_others.min_by(|a, b| earlier(row, a, b)) else { continue };
        match found.iter_mut().find(|(known, _)| *known == key) {
            Some((_, known)) if earlier(row, &first, known).is_lt() => *known = first,
            Some(_) => {}
            None => found.push((key, first)),
        }
    }
    found.into_iter().map(|(_, held)| held).collect()
}

/// Of several erasures of one lead the earliest counts: by time, event, boundary and way.
fn earlier(row: &Row, a: &Held, b: &Held) -> std::cmp::Ordering {
    let way = |held: &Held| match held.whose {
        Whose::Own => &[][..],
        Whose::Guest(i) => &row.guests[usize::from(i)].trail[..],
    };
    let order = |held: &Held| (held.fact.at, held.fact.id, held.since);
    order(a).cmp(&order(b)).then_with(|| way(a).cmp(way(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::EventTime;
    use crate::model::entity::{EntityRef, FactId};
    use crate::model::fact::Fact;

    const NOW: Minute = Minute(100);

    fn entity(kind: EntityKind, key: u128) -> EntityRef {
        EntityRef { kind, key: EntityKey(key), home: u32::try_from(key).unwrap() }
    }

    fn lead(key: u128) -> EntityRef {
        entity(EntityKind::Lead, key)
    }

    /// The row of lead 9, with a touch of each of these guests, which has the way and the `until` that are given.
    fn row_with(guests: &[(EntityRef, &[EntityRef], Minute)]) -> Row {
        let mut row = Row::new(lead(9), Some("9".into()));
        for (guest, way, until) in guests {
            let id = format!("{}", guest.key.0);
            let whose = row.guest(*guest, Some(&id.as_str().into()), way, NOW).unwrap();
            let says = Says::Assigned { owner_id: "x".into(), team: None };
            place(&mut row, whose, says, *until);
        }
        row
    }

    fn place(row: &mut Row, whose: Whose, says: Says, until: Minute) {
        let fact = Fact { at: Minute(50).start(), id: FactId(1), says };
        row.offer(Held { fact, whose, since: Minute(51), until }, NOW, 100);
    }

    fn told(row: &mut Row) -> Vec<(u32, Option<String>)> {
        let told = erase_merged(row, NOW, 100);
        let of = |control: Control| match control {
            Control::Moved(moved) => {
                assert_eq!((moved.to, moved.hops, moved.trail.len()), (moved.entity, 0, 0));
                let fact = Fact { at: Minute(50).start(), id: FactId(1), says: Says::Erased };
                assert_eq!((moved.at, moved.facts), (fact.at, vec![fact]));
                (moved.to.home, moved.id.map(|id| id.to_string()))
            }
            other => panic!("{other:?}"),
        };
        told.into_iter().map(of).collect()
    }

    fn named(home: u32) -> (u32, Option<String>) {
        (home, Some(home.to_string()))
    }

    #[test]
    fn whoever_was_merged_into_the_erased_lead_is_erased_with_it_and_deals_are_not() {
        let deal = entity(EntityKind::Deal, 4);
        let guests: [(EntityRef, &[EntityRef], Minute); 3] =
            [(lead(1), &[], Minute::MAX), (lead(2), &[lead(1)], Minute::MAX), (deal, &[], Minute::MAX)];
        let mut row = row_with(&guests);
        assert_eq!(told(&mut row), []);
        place(&mut row, Whose::Own, Says::Erased, Minute::MAX);
        assert_eq!(told(&mut row), [named(1), named(2)]);
        // It takes effect at the first boundary that is not passed yet, and is told once.
        assert!(!row.is_erased(EntityKey(1), NOW) && row.is_erased(EntityKey(1), NOW.next()));
        assert!(!row.is_erased(EntityKey(4), Minute::MAX));
        assert_eq!(told(&mut row), []);
    }

    #[test]
    fn an_erased_guest_takes_along_those_who_came_through_it_alone() {
        let guests: [(EntityRef, &[EntityRef], Minute); 4] = [
            (lead(1), &[lead(2)], Minute::MAX),
            (lead(2), &[], Minute::MAX),
            (lead(3), &[], Minute::MAX),
            (lead(5), &[lead(1)], Minute::MAX),
        ];
        let mut row = row_with(&guests);
        place(&mut row, Whose::Guest(1), Says::Erased, Minute::MAX);
        // Lead 5 came through lead 1, of whom it is found first.
        assert_eq!(told(&mut row), [named(1), named(5)]);
        assert!(!row.is_erased(EntityKey(3), Minute::MAX) && !row.is_erased(EntityKey(9), Minute::MAX));
    }

    #[test]
    fn who_has_left_by_then_is_somebody_else() {
        let (gone, leaves) = (NOW.next(), NOW.next().next());
        let mut row = row_with(&[(lead(1), &[], gone), (lead(2), &[], leaves)]);
        place(&mut row, Whose::Own, Says::Erased, Minute::MAX);
        assert_eq!(told(&mut row), [named(2)]);
    }

    #[test]
    fn who_comes_after_the_erasure_is_forgotten_too() {
        let mut row = row_with(&[]);
        place(&mut row, Whose::Own, Says::Erased, Minute::MAX);
        assert_eq!(told(&mut row), []);
        let whose = row.guest(lead(1), Some(&"1".into()), &[], NOW).unwrap();
        place(&mut row, whose, Says::Assigned { owner_id: "x".into(), team: None }, Minute::MAX);
        assert_eq!(told(&mut row), [named(1)]);
        assert_eq!(row.newest(), Some(EventTime(50 * 60_000)));
    }
}
