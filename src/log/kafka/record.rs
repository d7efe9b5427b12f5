//! Between the client's types and the log's: records, lists of partitions with offsets and texts.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header as KafkaHeader, Headers, Message, OwnedHeaders};
use rdkafka::{Offset, TopicPartitionList};

use crate::log::{Committed, Header, RawRecord, TopicPartition};
use crate::model::EventTime;

/// A record as it was read from `at`. A record without a timestamp has that of -1 ms, as Kafka says.
pub(super) fn raw(at: &TopicPartition, message: &BorrowedMessage<'_>) -> RawRecord {
    RawRecord {
        at: at.clone(),
        offset: message.offset(),
        timestamp: EventTime(message.timestamp().to_millis().unwrap_or(-1)),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: message.headers().map(headers_from).unwrap_or_default(),
    }
}

/// Headers in order; one without a value has an empty one. The client panics on a name that is not
/// UTF-8, which any foreign producer may write: such a header is left out, the record is not lost.
fn headers_from(headers: &impl Headers) -> Vec<Header> {
    let read = |i| catch_unwind(AssertUnwindSafe(|| headers.try_get(i))).ok().flatten();
    let owned = |h: KafkaHeader<'_, &[u8]>| (h.key.to_string(), h.value.unwrap_or_default().to_vec());
    (0..headers.count()).filter_map(|i| read(i).map(owned)).collect()
}

/// Headers for a record to be written; `None` if there are none.
pub(super) fn headers_to(headers: &[Header]) -> Option<OwnedHeaders> {
    if headers.is_empty() {
        return None;
    }
    let owned = OwnedHeaders::new_with_capacity(headers.len());
    let insert = |owned: OwnedHeaders, (name, value): &Header| {
        owned.insert(KafkaHeader { key: name.as_str(), value: Some(value.as_slice()) })
    };
    Some(headers.iter().fold(owned, insert))
}

/// The number of a partition as the client wants it; there are never that many.
pub(super) fn number(at: &TopicPartition) -> i32 {
    i32::try_from(at.partition).unwrap_or(i32::MAX)
}

/// The partitions of a list, sorted.
pub(super) fn partitions_of(list: &TopicPartitionList) -> Vec<TopicPartition> {
    let place = |e: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        TopicPartition::new(e.topic(), e.partition().max(0) as u32)
    };
    let mut partitions: Vec<_> = list.elements().iter().map(place).collect();
    partitions.sort();
    partitions
}

/// A list of partitions without offsets.
pub(super) fn list<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for at in partitions {
        list.add_partition(&at.topic, number(at));
    }
    list
}

/// A list of partitions with offsets.
pub(super) fn list_from(from: &[(TopicPartition, i64)]) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(from.len());
    for (at, offset) in from {
        list.add_partition(&at.topic, number(at)).set_offset(Offset::Offset(*offset))?;
    }
    Ok(list)
}

/// A list of partitions with committed places.
pub(super) fn list_of_places(
    places: &[(TopicPartition, Committed)],
) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::with_capacity(places.len());
    for (at, place) in places {
        let mut element = list.add_partition(&at.topic, number(at));
        element.set_offset(Offset::Offset(place.offset))?;
        if !place.metadata.is_empty() {
            element.set_metadata(&place.metadata);
        }
    }
    Ok(list)
}

/// The committed place that a list holds for a partition; `None` if there is none.
pub(super) fn place_in(
    list: &TopicPartitionList,
    at: &TopicPartition,
) -> Result<Option<Committed>, KafkaError> {
    let missing = KafkaError::OffsetFetch(RDKafkaErrorCode::UnknownPartition);
    let element = list.find_partition(&at.topic, number(at)).ok_or(missing)?;
    element.error()?;
    Ok(match element.offset() {
        Offset::Offset(offset) => Some(Committed { offset, metadata: element.metadata().to_string() }),
        _ => None,
    })
}
