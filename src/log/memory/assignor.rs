//! Who is to read what, when a group decides that by itself: sticky and cooperative, as Kafka's assignor of
//! that name. Everybody keeps what fits into a fair share; what somebody has to give up goes to nobody before
//! it is given up.

use std::collections::{BTreeMap, BTreeSet};

use crate::log::TopicPartition;

/// The assignment of each member, given what each one reads now.
pub(super) fn assign(
    inputs: &BTreeSet<TopicPartition>,
    claims: &BTreeMap<String, BTreeSet<TopicPartition>>,
) -> BTreeMap<String, BTreeSet<TopicPartition>> {
    let mut by_count: Vec<&String> = claims.keys().collect();
    // The larger shares go to those that read most already.
    by_count.sort_by_key(|name| std::cmp::Reverse(claims[*name].len()));
    let (share, over) = (inputs.len() / claims.len().max(1), inputs.len() % claims.len().max(1));
    let quota = |rank: usize| share + usize::from(rank < over);
    let claimed: BTreeSet<&TopicPartition> = claims.values().flatten().collect();
    let mut free = inputs.iter().filter(|at| !claimed.contains(at));
    let assigned = by_count.into_iter().enumerate().map(|(rank, name)| {
        let mut mine: BTreeSet<_> = claims[name].intersection(inputs).take(quota(rank)).cloned().collect();
        let room = quota(rank) - mine.len();
        mine.extend(free.by_ref().take(room).cloned());
        (name.clone(), mine)
    });
    assigned.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(partitions: &[u32]) -> BTreeSet<TopicPartition> {
        partitions.iter().map(|p| TopicPartition::new("in", *p)).collect()
    }

    fn assigned(inputs: u32, claims: &[(&str, &[u32])]) -> Vec<(String, Vec<u32>)> {
        let claims = claims.iter().map(|(name, claimed)| ((*name).to_owned(), set(claimed))).collect();
        let all: Vec<u32> = (0..inputs).collect();
        let numbers = |of: BTreeSet<TopicPartition>| of.iter().map(|at| at.partition).collect();
        assign(&set(&all), &claims).into_iter().map(|(name, of)| (name, numbers(of))).collect()
    }

    #[test]
    fn everybody_keeps_a_fair_share_and_what_is_given_up_waits() {
        let named = |of: &[(&str, &[u32])]| -> Vec<(String, Vec<u32>)> {
            of.iter().map(|(name, of)| ((*name).to_owned(), of.to_vec())).collect()
        };
        assert_eq!(assigned(4, &[("a", &[])]), named(&[("a", &[0, 1, 2, 3])]));
        let joined = assigned(4, &[("a", &[0, 1, 2, 3]), ("b", &[])]);
        assert_eq!(joined, named(&[("a", &[0, 1]), ("b", &[])]), "2 and 3 are to be given up first");
        let given_up = assigned(4, &[("a", &[0, 1]), ("b", &[])]);
        assert_eq!(given_up, named(&[("a", &[0, 1]), ("b", &[2, 3])]));
        let odd = assigned(5, &[("a", &[]), ("b", &[1, 2, 4])]);
        assert_eq!(odd, named(&[("a", &[0, 3]), ("b", &[1, 2, 4])]), "the larger share stays where it is");
        assert_eq!(assigned(1, &[("a", &[]), ("b", &[0])]), named(&[("a", &[]), ("b", &[0])]));
    }
}
