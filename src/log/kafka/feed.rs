//! A plain producer for those who only write: the demo's company, a test's pipeline. Idempotent, without
//! transactions.

use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::errors::given_up;
use super::record;
use crate::log::{LogError, NewRecord};

/// How long the last records may take to be delivered.
const FINISH: Duration = Duration::from_secs(30);

/// A producer.
pub struct Feed {
    producer: BaseProducer,
}

impl Feed {
    /// Makes a producer for these brokers.
    pub fn connect(bootstrap_servers: &str) -> Result<Feed, LogError> {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", bootstrap_servers)
            .set("enable.idempotence", "true")
            .set("linger.ms", "5")
            .set("compression.type", "lz4")
            .create()
            .map_err(|e: KafkaError| given_up("make a producer", &e))?;
        Ok(Feed { producer })
    }

    /// Hands a record over; waits while the queue is full.
    pub fn send(&mut self, new: NewRecord) -> Result<(), LogError> {
        let mut record = BaseRecord::<[u8], [u8]>::to(&new.to.topic).partition(record::number(&new.to));
        record.key = new.key.as_deref();
        record.payload = new.value.as_deref();
        record.timestamp = new.timestamp.map(|at| at.0);
        record.headers = record::headers_to(&new.headers);
        loop {
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    self.producer.poll(Duration::from_millis(10));
                }
                Err((e, _)) => return Err(given_up(format!("write to {}", new.to), &e)),
            }
        }
    }

    /// Serves what the client has to tell; to be called now and then.
    pub fn serve(&self) {
        self.producer.poll(Duration::ZERO);
    }

    /// Waits until everything is delivered.
    pub fn finish(&mut self) -> Result<(), LogError> {
        self.producer.flush(FINISH).map_err(|e| given_up("deliver the last records", &e))
    }
}
