//! librdkafka's cluster inside this process, for the demo.
//!
//! It keeps nothing on disk and proves nothing: it shows aborted records, forgets the offsets of a
//! transaction, fences nobody, and drops the oldest records beyond 5 MiB a partition. It cannot make
//! topics by request, so they are made at the start. It is not `Send`: keep it on one thread.

use rdkafka::mocking::MockCluster;
use rdkafka::producer::DefaultProducerContext;

use super::errors::given_up;
use crate::log::LogError;

/// A cluster of one broker that lives as long as this value, on a free port of this machine.
pub struct MockBroker {
    cluster: MockCluster<'static, DefaultProducerContext>,
}

impl MockBroker {
    /// Starts it with these topics and their numbers of partitions.
    pub fn start(topics: &[(&str, u32)]) -> Result<MockBroker, LogError> {
        let failed = |what: &str, e| given_up(what, &e);
        let cluster = MockCluster::new(1).map_err(|e| failed("start the broker of the demo", e))?;
        for (topic, partitions) in topics {
            let count = i32::try_from(*partitions).unwrap_or(i32::MAX);
            cluster.create_topic(topic, count, 1).map_err(|e| failed(&format!("make topic {topic}"), e))?;
        }
        Ok(MockBroker { cluster })
    }

    /// Where it listens.
    pub fn bootstrap_servers(&self) -> String {
        self.cluster.bootstrap_servers()
    }
}
