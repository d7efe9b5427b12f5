//! Forgetting records that nobody needs any more, beside the loop: a request is sent and its answer looked
//! for at the next one.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::error::KafkaResult;
use rdkafka::{Offset, TopicPartitionList};

use super::errors::reading;
use super::notes::ClientNotes;
use super::record::number;
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{LogError, TopicPartition};

const REQUEST: Duration = Duration::from_secs(10);

type Answer = Pin<Box<dyn Future<Output = KafkaResult<TopicPartitionList>> + Send>>;

/// A connection for administration with at most one request under way.
pub(super) struct Trimmer {
    client: AdminClient<ClientNotes>,
    trouble: Arc<Trouble>,
    under_way: Option<Answer>,
}

impl Trimmer {
    pub(super) fn connect(settings: &KafkaSettings, trouble: Arc<Trouble>) -> Result<Trimmer, LogError> {
        let client = settings.plain().create_with_context(ClientNotes(trouble.clone()));
        let client = client.map_err(|e| reading("make an administration client", &e, &trouble))?;
        Ok(Trimmer { client, trouble, under_way: None })
    }

    /// Asks for it, unless an earlier request is still under way: then a later one will do. Fails with what
    /// became of the earlier one.
    pub(super) fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let answered = match &mut self.under_way {
            Some(answer) => match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Pending => return Ok(()),
                Poll::Ready(answer) => answer.and_then(|list| {
                    list.elements()
                        .iter()
                        .try_for_each(rdkafka::topic_partition_list::TopicPartitionListElem::error)
                }),
            },
            None => Ok(()),
        };
        self.under_way = None;
        let asked = self.ask(before);
        answered.and(asked).map_err(|e| reading("forget old records", &e, &self.trouble))
    }

    fn ask(&mut self, before: &[(TopicPartition, i64)]) -> KafkaResult<()> {
        let mut list = TopicPartitionList::new();
        for (at, offset) in before {
            list.add_partition(&at.topic, number(at)).set_offset(Offset::Offset(*offset))?;
        }
        let options = AdminOptions::new().request_timeout(Some(REQUEST)).operation_timeout(Some(REQUEST));
        self.under_way = Some(Box::pin(self.client.delete_records(&list, &options)));
        Ok(())
    }
}
