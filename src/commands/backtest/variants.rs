//! The rule sets that are held against each other: the configuration, others beside it, and the configuration with
//! one setting otherwise.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::Backtest;
use crate::config::{Config, defined};
use crate::funnel::terms::Terms;

use super::super::{Failure, configured, request};

/// Windows are nobody's business here: they are computed as rarely as can be.
const WINDOWS_EVERY_MINUTES: u16 = 24 * 60;
/// More rule sets than this are refused: each holds the whole funnel.
const VARIANTS_MAX: usize = 64;

/// A rule set.
pub struct Variant {
    /// What it is called in the table.
    pub name: String,
    /// The configuration file; `None` for the defaults.
    pub config: Option<PathBuf>,
    /// What is otherwise than in the file, as it was asked for.
    pub set: Option<String>,
    /// By which everything is counted and judged.
    pub terms: Arc<Terms>,
    /// One over what a configuration says of the definitions, as 16 hexadecimal digits.
    pub hash: String,
}

/// Every rule set that was asked for, that of the configuration first.
pub fn of(args: &Backtest) -> Result<Vec<Variant>, Failure> {
    let main = args.config.as_deref();
    let mut variants = vec![variant(named(main, "the defaults"), main, None)?];
    for path in &args.against {
        variants.push(variant(named(Some(path), ""), Some(path), None)?);
    }
    for asked in &args.vary {
        let (key, values) = parsed(asked)?;
        for value in values {
            variants.push(variant(format!("{key}={value}"), main, Some((&key, &value)))?);
        }
    }
    if variants.len() > VARIANTS_MAX {
        return Err(request(anyhow!(
            "{} rule sets are too many at once: each holds the whole funnel in memory; ask for at most {VARIANTS_MAX}",
            variants.len()
        )));
    }
    for i in 1..variants.len() {
        if variants[..i].iter().any(|before| before.name == variants[i].name) {
            let name = format!("{} ({})", variants[i].name, i + 1);
            variants[i].name = name;
        }
    }
    Ok(variants)
}

fn named(path: Option<&Path>, otherwise: &str) -> String {
    let stem = path.and_then(Path::file_stem);
    stem.map_or_else(|| otherwise.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

fn variant(name: String, path: Option<&Path>, set: Option<(&str, &str)>) -> Result<Variant, Failure> {
    let config = match set {
        None => configured::config(path)?,
        Some((key, value)) => varied(path, key, value)?,
    };
    let mut definitions = configured::local_definitions(&config)?;
    definitions.windows_every_minutes = WINDOWS_EVERY_MINUTES;
    let hash = hash(&defined::print(&definitions));
    let terms = configured::terms(definitions, 1)?;
    let set = set.map(|(key, value)| format!("{key}={value}"));
    Ok(Variant { name, config: path.map(Path::to_owned), set, terms, hash })
}

/// The configuration with one setting of a rule otherwise: it is laid over the file as the environment is.
fn varied(path: Option<&Path>, key: &str, value: &str) -> Result<Config, Failure> {
    let name = format!("RAPPORT__RULE__{}", key.to_uppercase().replace('.', "__"));
    let overlay = [(name, value.to_owned())];
    configured::config_with(path, &overlay).map_err(|failure| match failure {
        Failure::Request(error) => {
            Failure::Request(error.context(format!("--vary {key}={value} makes no configuration")))
        }
        failure => failure,
    })
}

/// `RULE.KEY=V1,V2` as the key and its values; a comma within brackets, braces or quotes belongs to a value.
fn parsed(asked: &str) -> Result<(String, Vec<String>), Failure> {
    let wrong = || {
        request(anyhow!(
            "--vary {asked} says no setting of a rule and its values: write RULE.KEY=VALUE,VALUE, as \
             first_touch_slo.gate=0.01,0.001"
        ))
    };
    let (key, values) = asked.split_once('=').ok_or_else(wrong)?;
    let key = key.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let is_key = key.split('.').count() >= 2 && key.split('.').all(|part| !part.is_empty());
    if !is_key || !key.chars().all(plain) {
        return Err(wrong());
    }
    let values = split(values);
    match values.iter().any(String::is_empty) {
        true => Err(wrong()),
        false => Ok((key.to_owned(), values)),
    }
}

fn split(values: &str) -> Vec<String> {
    let (mut all, mut one, mut depth, mut quoted) = (Vec::new(), String::new(), 0_i32, false);
    for c in values.chars() {
        match c {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth <= 0 => {
                all.push(std::mem::take(&mut one).trim().to_owned());
                continue;
            }
            _ => {}
        }
        one.push(c);
    }
    all.push(one.trim().to_owned());
    all
}

fn hash(text: &str) -> String {
    use std::hash::Hasher as _;
    let mut hasher = siphasher::sip::SipHasher13::new();
    hasher.write(text.as_bytes());
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_separated_by_commas_that_are_not_within_one() {
        assert_eq!(split("1,2"), ["1", "2"]);
        assert_eq!(split("[1,2], 3"), ["[1,2]", "3"]);
        assert_eq!(
            split(r#"[{ long = "1bd", burn = 2 }],"a,b""#),
            [r#"[{ long = "1bd", burn = 2 }]"#, r#""a,b""#]
        );
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        let error = |asked: &str| match parsed(asked) {
            Err(Failure::Request(error)) => error.to_string(),
            other => panic!("{asked}: {other:?}"),
        };
        for asked in ["gate", "gate=1", "a.b", "a..b=1", "a.b=", "a.b=1,,2", "a b.c=1"] {
            assert!(error(asked).contains("write RULE.KEY=VALUE,VALUE"), "{asked}");
        }
        assert_eq!(parsed("a.b=1").unwrap(), ("a.b".to_owned(), vec!["1".to_owned()]));
    }
}
