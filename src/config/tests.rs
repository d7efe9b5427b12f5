//! The configuration as a whole: the example, a file with every key, a bad file for every rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use super::*;
use crate::model::definitions::Millionths;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn env(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

fn loaded(text: &str) -> Config {
    load(text, "rapport.toml", &[]).unwrap_or_else(|e| panic!("{e}"))
}

fn everything() -> Config {
    loaded(&text_of("tests/config/valid/everything.toml"))
}

/// What a file says is wrong with it: its lines that begin with `# wrong: `.
fn expected(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("# wrong: ")).collect()
}

#[test]
fn every_bad_file_gets_its_message() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("tests/config")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    assert!(paths.len() > 100, "a rule has lost its bad file");
    let mut differences = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let said = load(&text, name, &[]).map_or_else(|e| e.to_string(), |_| "nothing".to_owned());
        if said != expected(&text).join("\n") {
            differences.push(format!("{}\n{said}", path.display()));
        }
    }
    assert!(differences.is_empty(), "the files expect something else:\n{}", differences.join("\n\n"));
}

#[test]
fn no_message_tells_the_value_of_a_property() {
    for name in ["property_is_a_list", "property_is_a_table"] {
        let text = text_of(&format!("tests/config/{name}.toml"));
        assert!(
            text.contains("hunter2") && !load(&text, "f", &[]).unwrap_err().to_string().contains("hunter2")
        );
    }
}

/// The keys that a file writes or mentions in a comment, from the top of the file.
fn mentioned(text: &str) -> BTreeSet<String> {
    let (mut section, mut keys) = (String::new(), BTreeSet::new());
    for line in text.lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_matches(['[', ']']).to_owned();
            keys.insert(section.clone());
        } else if let Some((key, _)) = line.split_once(" = ") {
            let is_key = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            keys.extend(is_key.then(|| format!("{section}.{key}")));
        }
    }
    let parents: Vec<String> =
        keys.iter().filter_map(|key| key.rsplit_once('.')).map(|(parent, _)| parent.to_owned()).collect();
    keys.extend(parents);
    keys
}

#[test]
fn the_example_mentions_every_key_and_changes_nothing() {
    let example = text_of("deploy/config.example.toml");
    assert_eq!(loaded(&example), Config::default());
    let (_, findings) = read(&text_of("tests/config/valid/everything.toml"), &[]).unwrap();
    assert_eq!(mentioned(&example), findings.keys);
    let mut written = mentioned(&text_of("tests/config/valid/everything.toml"));
    written.insert("calendar.marketing.hours.sun".to_owned());
    assert!(written.is_superset(&findings.keys), "the file with every key has every key");
}

#[test]
fn what_the_example_has_in_comments_is_right_as_well() {
    let example = text_of("deploy/config.example.toml");
    let live: Vec<&str> = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest) if rest.starts_with("[[") || rest.contains(" = ") && !rest.contains('.') => rest,
            Some(rest) if rest.starts_with('"') || rest.starts_with("name = ") => rest,
            Some(rest) if rest.starts_with("baseline_") => rest,
            _ => line,
        })
        .collect();
    let config = loaded(&live.join("\n"));
    assert_eq!(config.kafka.instance_id.as_deref(), Some("rapport-0"));
    assert_eq!(config.sources.len(), 1);
    assert_eq!(config.kafka.common.0.len(), 4);
    assert_eq!(config.rules.divergence.unwrap().baseline.unwrap().conversion, 0.25);
}

#[test]
fn the_effective_configuration_is_the_configuration() {
    for config in [Config::default(), everything()] {
        assert_eq!(loaded(&config.effective()), config);
    }
    assert_eq!(loaded(&Config::default().effective()), loaded(""));
    let off =
        loaded("[rule.divergence]\nenabled = false\nmin_n = 3\n[rule.first_touch_slo]\nenabled = false");
    assert_eq!((&off.rules.divergence, &off.rules.first_touch_slo), (&None, &None));
    assert_eq!(loaded(&off.effective()), off);
}

#[test]
fn the_effective_configuration_prints_every_key() {
    let printed = everything().effective();
    let (_, findings) = read(&printed, &[]).unwrap();
    let written = mentioned(&printed);
    for key in findings.keys.iter().filter(|key| !key.ends_with("weekdays") && !key.ends_with("weekend")) {
        assert!(written.contains(key), "{key} is not printed");
    }
}

#[test]
fn every_key_has_its_effect() {
    let config = everything();
    assert_eq!(config.kafka.topics.events, "eu.crm");
    assert_eq!(config.log.dead_letter.ratio, Millionths(10_001));
    assert_eq!(config.log.open_retention_days, None);
    assert_eq!(config.funnel.horizons[&crate::model::words::Step::MqlToSal], 2);
    let sales = &config.calendars.sales;
    assert_eq!(sales.holidays, ["2026-01-01", "2026-12-25"]);
    assert_eq!(sales.weekly[0], [(540, 720), (780, 1020)]);
    assert_eq!(sales.weekly[1], [(1320, 360)]);
    assert!(sales.weekly[2].is_empty() && sales.weekly[6].is_empty());
    assert_eq!(config.calendars.marketing.weekly[6], [(600, 660)]);
    let slo = config.rules.first_touch_slo.unwrap();
    // Mon 7 h, Tue 8 h of which none overlaps, Thu 4 h, Fri 24 h, Sat 30 min: 43.5 h on 5 days.
    assert_eq!((slo.within_minutes, slo.clear_minutes, slo.windows[0].long_minutes), (90, 522, 1_044));
    assert_eq!(slo.windows[0].burn, Millionths(9_999_999));
}

#[test]
fn the_defaults_are_those_that_are_agreed() {
    let config = Config::default();
    let definitions = config.definitions(&|_| None, [7; 16]).unwrap();
    assert_eq!(definitions.sources.len(), 1);
    assert_eq!((definitions.sources[0].name.as_str(), definitions.sources[0].partitions), ("direct", 1));
    assert_eq!((definitions.retention_days, definitions.open_retention_days), (Some(100), Some(400)));
    assert_eq!(definitions.id_key, [7; 16]);
    let slo = definitions.rules.first_touch_slo.unwrap();
    let windows: Vec<_> = slo.windows.iter().map(|w| (w.long_minutes, w.short_minutes, w.burn.0)).collect();
    assert_eq!(
        windows,
        [
            (480, 120, 4_000_000),
            (240, 60, 5_000_000),
            (960, 240, 3_000_000),
            (1_920, 480, 2_000_000),
            (4_800, 960, 1_500_000)
        ]
    );
    // Each gate is as much narrower than the longest one's as its window is shorter.
    for window in &slo.windows {
        let gate = slo.gate_of(window).0;
        assert_eq!(gate * 4_800, 3_000 * i64::from(window.long_minutes), "{window:?}");
    }
    assert_eq!((slo.within_minutes, slo.for_minutes, slo.clear_minutes, slo.min_n), (240, 10, 480, 10));
    let divergence = definitions.rules.divergence.unwrap();
    let days = (divergence.horizon_days, divergence.baseline_days, divergence.detect_days);
    assert_eq!((days, divergence.clear_days, divergence.alerts_per_month.0), ((14, 182, 28), 5, 100_000));
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:9464");
}

#[test]
fn definitions_list_the_sources_in_one_order() {
    let config = everything();
    let partitions = |name: &str| (name == "hubspot.raw").then_some(3);
    let errors = config.definitions(&partitions, [0; 16]).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "configuration: source.name: there is no topic \"salesforce.cdc\"; create it, or correct the name"
    );
    let definitions = config.definitions(&|_| Some(3), [0; 16]).unwrap();
    let names: Vec<&str> = definitions.sources.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["direct", "hubspot.raw", "salesforce.cdc"]);
    let mut turned = config.clone();
    turned.sources.reverse();
    turned.funnel.dimensions.reverse();
    assert_eq!(turned.definitions(&|_| Some(3), [0; 16]).unwrap(), definitions);
}

#[test]
fn a_source_ends_direct_unless_it_is_asked_for() {
    let source = "[[source]]\nname = \"hubspot.raw\"\n";
    assert_eq!(loaded("").log.direct, Direct::Listed);
    assert_eq!(loaded(source).log.direct, Direct::Absent);
    assert_eq!(loaded(&format!("{source}[log]\ndirect = true")).log.direct, Direct::Listed);
}

#[test]
fn variables_override_the_file() {
    let variables = env(&[
        ("RAPPORT__KAFKA__BOOTSTRAP_SERVERS", "broker:9092"),
        ("RAPPORT__KAFKA__GROUP_ID", "7"),
        ("RAPPORT__KAFKA__COMMON__SASL_PASSWORD", "1e5"),
        ("RAPPORT__KAFKA__COMMON__SSL_KEY_PASSWORD", "{ file = \"/run/key\" }"),
        ("RAPPORT__KAFKA__COMMON__LOG_LEVEL", "6"),
        ("RAPPORT__LOG__OUT_OF_ORDERNESS", "5s"),
        ("RAPPORT__RULE__FIRST_TOUCH_SLO__TARGET", "0.9"),
        ("RAPPORT__SOURCE", "[{ name = \"hubspot.raw\", format = \"json\" }]"),
        ("rapport__http__listen", "0.0.0.0:80"),
        ("RAPPORT_UNRELATED", "x"),
        ("PATH", "/bin"),
    ]);
    let file = "[kafka]\ngroup_id = \"a\"\n[kafka.common]\nsasl.password = \"b\"\n[[source]]\nname = \"c\"";
    let config = load(file, "f", &variables).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(
        (config.kafka.bootstrap_servers.as_str(), config.kafka.group_id.as_str()),
        ("broker:9092", "7")
    );
    let properties = &config.kafka.common.0;
    assert_eq!(properties["sasl.password"], PropertyValue::Secret("1e5".into()));
    assert_eq!(properties["ssl.key.password"], PropertyValue::Kept(SecretRef::File("/run/key".into())));
    assert_eq!(properties["log_level"], PropertyValue::Plain("6".into()));
    assert_eq!(config.log.out_of_orderness_ms, 5_000);
    assert_eq!(config.rules.first_touch_slo.unwrap().target, Millionths(900_000));
    assert_eq!(config.sources.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["hubspot.raw"]);
    assert_eq!(config.http.listen.port(), 80);
}

#[test]
fn mistakes_in_variables_name_the_variable() {
    let cases = [
        (
            ("RAPPORT__KAFKA__GROUPID", "x"),
            "kafka.groupid: there is no such key; did you mean kafka.group_id?",
        ),
        (
            ("RAPPORT__LIMITS__SERIES", "many"),
            "limits.series: \"many\" is no whole number; write a whole number from 0 to 1000000",
        ),
        (
            ("RAPPORT__SOURCE__0__NAME", "x"),
            "source: only tables can be overridden in part; give the whole of it as TOML in RAPPORT__SOURCE",
        ),
        (
            ("RAPPORT__KAFKA__CONSUMER__ISOLATION_LEVEL", "read_uncommitted"),
            "kafka.consumer.isolation.level: it is not free to choose: records of aborted transactions would \
             be counted; leave it out or write \"read_committed\"",
        ),
    ];
    for ((name, value), message) in cases {
        let errors = load("[[source]]\nname = \"a\"", "f", &env(&[(name, value)])).unwrap_err();
        assert_eq!(errors.to_string(), format!("environment variable {name}: {message}"));
    }
}

#[test]
fn secrets_are_masked_wherever_they_could_be_printed() {
    let config = loaded(
        "[kafka.common]\nsasl.password = \"hunter2\"\nsasl.username = \"rapport\"\n\
         [kafka.producer]\nsasl.oauthbearer.client.secret = \"hunter2\"\nssl.key.pem = \"hunter2\"",
    );
    let printed = config.effective();
    assert!(!printed.contains("hunter2") && !format!("{config:?}").contains("hunter2"));
    assert_eq!(printed.matches("\"***\"").count(), 3);
    assert!(printed.contains("\"sasl.username\" = \"rapport\""));
    assert!(printed.parse::<toml_edit::DocumentMut>().is_ok());
}

#[test]
fn secrets_are_read_when_a_client_asks() {
    let kafka = everything().kafka;
    let read = |at: &SecretRef| match at {
        SecretRef::File(path) if path == "/run/secrets/key" => Ok("from file\n".to_owned()),
        SecretRef::Env(name) if name == "KAFKA_PASSWORD" => Ok("from env".to_owned()),
        _ => Err("not there".to_owned()),
    };
    let producer = kafka.properties(Client::Producer, &read).unwrap();
    assert_eq!(producer["ssl.key.password"], "from file");
    assert_eq!(producer["sasl.password"], "from env");
    assert_eq!(producer["security.protocol"], "SASL_SSL");
    assert_eq!(producer["linger.ms"], "2.5");
    assert!(!producer.contains_key("session.timeout.ms"));
    let consumer = kafka.properties(Client::Consumer, &read).unwrap();
    assert_eq!(consumer["session.timeout.ms"], "60000");
    let errors = kafka.properties(Client::Common, &|_| Err("not there".to_owned())).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "configuration: kafka.common.sasl.password: environment variable KAFKA_PASSWORD: not there; put the \
         secret there, or correct where it is looked for\n\
         configuration: kafka.common.ssl.key.password: file /run/secrets/key: not there; put the secret \
         there, or correct where it is looked for"
    );
    assert!(
        kafka
            .properties(Client::Common, &|_| Ok("\n".to_owned()))
            .unwrap_err()
            .to_string()
            .contains("is empty")
    );
}

#[test]
fn the_narrower_property_wins() {
    let kafka = loaded("[kafka.common]\na = 1\nb = 2\n[kafka.consumer]\na = 3").kafka;
    let read = |_: &SecretRef| Err(String::new());
    let merged = kafka.properties(Client::Consumer, &read).unwrap();
    assert_eq!((merged["a"].as_str(), merged["b"].as_str()), ("3", "2"));
}

#[test]
fn nothing_that_is_typed_makes_it_panic() {
    let keys =
        ["kafka", "source", "log", "funnel", "calendar", "rule", "limits", "alerts", "http", "logging"];
    for key in keys {
        for value in
            ["1", "-9223372036854775808", "\"\\u0000\"", "[]", "[[]]", "{}", "[{}]", "1979-05-27", "nan"]
        {
            _ = load(&format!("{key} = {value}"), "f", &[]);
        }
    }
    let (_, findings) = read(&text_of("tests/config/valid/everything.toml"), &[]).unwrap();
    for key in &findings.keys {
        let name = format!("RAPPORT__{}", key.replace('.', "__").to_uppercase());
        for value in
            ["1", "-9223372036854775808", "", "[]", "[[]]", "{}", "[{}]", "1979-05-27", "inf", "é-é:é"]
        {
            let result = load("", "f", &env(&[(&name, value)]));
            _ = result.map(|config| config.effective());
        }
    }
}
