//! Puts several streams, each in the order of its event times, into one such stream.
//!
//! Only the head of each stream is looked at. A stream that goes back in time is not an error: the
//! item comes as soon as it is at its head and the least of the heads.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::model::EventTime;

/// The merged stream: by event time, equal times in the order of the streams and within each stream
/// in its own order.
pub struct Merge<T, I> {
    streams: Vec<I>,
    heads: BinaryHeap<Head<T>>,
}

/// Merges streams; the position of a stream breaks ties.
pub fn merge<T, I: Iterator<Item = (EventTime, T)>>(streams: impl IntoIterator<Item = I>) -> Merge<T, I> {
    let mut streams: Vec<I> = streams.into_iter().collect();
    let mut heads = BinaryHeap::with_capacity(streams.len());
    for (position, stream) in streams.iter_mut().enumerate() {
        heads.extend(stream.next().map(|(time, item)| Head { time, position, item }));
    }
    Merge { streams, heads }
}

impl<T, I: Iterator<Item = (EventTime, T)>> Iterator for Merge<T, I> {
    type Item = (EventTime, T);

    fn next(&mut self) -> Option<(EventTime, T)> {
        let mut least = self.heads.peek_mut()?;
        let position = least.position;
        let head = match self.streams[position].next() {
            Some((time, item)) => std::mem::replace(&mut *least, Head { time, position, item }),
            None => PeekMut::pop(least),
        };
        Some((head.time, head.item))
    }
}

/// The head of a stream. The greatest of the heap is the least in time.
struct Head<T> {
    time: EventTime,
    position: usize,
    item: T,
}

impl<T> Head<T> {
    fn order(&self) -> (EventTime, usize) {
        (self.time, self.position)
    }
}

impl<T> PartialEq for Head<T> {
    fn eq(&self, other: &Head<T>) -> bool {
        self.order() == other.order()
    }
}

impl<T> Eq for Head<T> {}

impl<T> PartialOrd for Head<T> {
    fn partial_cmp(&self, other: &Head<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Head<T> {
    fn cmp(&self, other: &Head<T>) -> Ordering {
        other.order().cmp(&self.order())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn merged(streams: &[&[(i64, &'static str)]]) -> String {
        let streams = streams.iter().map(|stream| stream.iter().map(|(t, item)| (EventTime(*t), *item)));
        merge(streams).map(|(_, item)| item).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn equal_times_keep_the_order_of_the_streams() {
        assert_eq!(merged(&[]), "");
        assert_eq!(merged(&[&[], &[(1, "a")], &[]]), "a");
        assert_eq!(
            merged(&[&[(1, "a1"), (2, "a2"), (2, "a3")], &[(0, "b0"), (2, "b2")], &[(2, "c2"), (9, "c9")]]),
            "b0 a1 a2 a3 b2 c2 c9"
        );
    }

    #[test]
    fn a_stream_that_goes_back_in_time_loses_nothing() {
        assert_eq!(merged(&[&[(5, "a5"), (1, "a1"), (6, "a6")], &[(4, "b4"), (6, "b6")]]), "b4 a5 a1 a6 b6");
    }

    proptest! {
        /// A merge of sorted streams is the stable sort of all of them one after another.
        #[test]
        fn a_merge_is_a_stable_sort(
            mut streams in prop::collection::vec(prop::collection::vec(0_i64..20, 0..12), 0..6)
        ) {
            streams.iter_mut().for_each(|stream| stream.sort());
            let items = |position: usize, stream: &[i64]| -> Vec<(EventTime, (usize, usize))> {
                stream.iter().enumerate().map(|(n, t)| (EventTime(*t), (position, n))).collect()
            };
            let streams: Vec<_> = streams.iter().enumerate().map(|(p, s)| items(p, s)).collect();
            let mut sorted = streams.concat();
            sorted.sort_by_key(|(time, _)| *time);
            prop_assert_eq!(merge(streams.into_iter().map(Vec::into_iter)).collect::<Vec<_>>(), sorted);
        }
    }
}
