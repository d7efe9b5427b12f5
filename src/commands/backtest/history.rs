//! The history in files, as `replay` reads them.

use std::path::Path;
use std::sync::Arc;

use crate::cli::Backtest;
use crate::codec::SchemaStore;
use crate::config::Config;
use crate::log::file::merge;
use crate::model::EventTime;

use super::super::replay::input::{self, Fed};
use super::super::{Failure, configured};

/// What is read, in the order of event time.
pub type History = Box<dyn Iterator<Item = (EventTime, Fed)>>;

/// Opens the files.
pub fn files(config: &Config, args: &Backtest) -> Result<History, Failure> {
    let bytes_max = config.log.record_bytes_max as usize;
    let files: Vec<&Path> = args.files.iter().map(|path| path.as_path()).collect();
    let tables = args.mapping.as_deref().map(|path| input::tables(path, &files, bytes_max)).transpose()?;
    let mut schema_files = configured::schemas(args.schemas.as_deref())?;
    let opened = input::streams(&files, tables.as_ref(), &mut schema_files, bytes_max)?;
    let schemas: Arc<SchemaStore> = Arc::new(configured::schema_store(schema_files)?);
    let streams: Vec<_> = opened.into_iter().map(|file| file.stream(&schemas, bytes_max)).collect();
    Ok(Box::new(merge(streams)))
}
