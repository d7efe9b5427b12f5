//! Foreign records to the nouns of the model: one room for each way in which they come. Pure: a record's
//! events are a function of the record and of what is configured.

pub mod mapping;
