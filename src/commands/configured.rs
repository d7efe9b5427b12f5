//! From the checked configuration to what the rooms ask for.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use crate::codec::SchemaStore;
use crate::config::{self, Config, Encoding};
use crate::funnel::terms::Terms;
use crate::model::definitions::{DIRECT, Definitions, SourceDefinition};
use crate::pipeline::topics::Topics;

use super::{Failure, failed, request};

/// Key of the ids' hash where no state outlives the process.
pub const PASSING_ID_KEY: [u8; 16] = *b"rapport, passing";

/// Reads the configuration file, if one is named, with the environment laid over it.
pub fn config(path: Option<&Path>) -> Result<Config, Failure> {
    config_with(path, &[])
}

/// The same, with other variables beside and before those of the environment.
pub fn config_with(path: Option<&Path>, over: &[(String, String)]) -> Result<Config, Failure> {
    let (text, name) = match path {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the configuration {}", path.display()))
                .map_err(request)?;
            (text, path.display().to_string())
        }
        None => (String::new(), "the defaults".to_owned()),
    };
    let is_replaced = |name: &str| over.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let of_env = std::env::vars().filter(|(name, _)| name.starts_with("RAPPORT__") && !is_replaced(name));
    let env: Vec<(String, String)> = of_env.chain(over.iter().cloned()).collect();
    config::load(&text, &name, &env).map_err(request)
}

/// Definitions for one partition in this process: a replay, a test.
pub fn local_definitions(config: &Config) -> Result<Definitions, Failure> {
    let mut definitions = config.definitions(&|_| Some(1), PASSING_ID_KEY).map_err(request)?;
    // Nobody waits for a source: its events are in the order of their time, and tell it.
    definitions.sources.retain(|source| source.name != DIRECT);
    definitions.sources.iter_mut().for_each(|source| source.partitions = 0);
    definitions.sources.push(SourceDefinition { name: DIRECT.into(), partitions: 1 });
    definitions.event_partitions = 1;
    Ok(definitions)
}

/// Definitions made ready.
pub fn terms(definitions: Definitions, number: u32) -> Result<Arc<Terms>, Failure> {
    Terms::new(definitions, number).map(Arc::new).map_err(request)
}

/// The schemas in a directory, each file `<id>.avsc` by its id and all by their fingerprint.
pub fn schemas(directory: Option<&Path>) -> Result<Vec<(String, String)>, Failure> {
    let Some(directory) = directory else { return Ok(Vec::new()) };
    let read = || -> anyhow::Result<Vec<(String, String)>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(directory)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "avsc") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.push((name, std::fs::read_to_string(&path)?));
            }
        }
        files.sort();
        Ok(files)
    };
    read().with_context(|| format!("cannot read the schemas in {}", directory.display())).map_err(request)
}

/// A store of these schemas; every file that cannot be used is named.
pub fn schema_store(files: Vec<(String, String)>) -> Result<SchemaStore, Failure> {
    SchemaStore::new(files).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        request(anyhow::anyhow!("schemas cannot be used:\n  {}", lines.join("\n  ")))
    })
}

/// The schemas of those who write a topic in this encoding.
pub fn schemas_of(encoding: &Encoding) -> Result<SchemaStore, Failure> {
    schema_store(schemas(encoding.schemas.as_ref().map(AsRef::as_ref))?)
}

/// The topics' names.
pub fn topics(config: &Config) -> Topics {
    let names = &config.kafka.topics;
    Topics {
        events: names.events.clone(),
        deltas: names.deltas.clone(),
        journeys_state: names.journeys_state.clone(),
        segments_state: names.segments_state.clone(),
        alerts: names.alerts.clone(),
        windows: names.windows.clone(),
        definitions: names.definitions.clone(),
        dead_letters: names.dead_letters.clone(),
    }
}

/// Writes a value as pretty JSON.
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_vec_pretty(value).map_err(failed)?;
    text.push(b'\n');
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display())).map_err(failed)
}
