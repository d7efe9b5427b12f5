//! Rows: how each field of an event is made of the cells, and every way in which a row can end.

use super::{Mapping, outcome, parsed, texts};
use crate::codec::Field;
use crate::intake::mapping::contract::{FieldType, fields_of, type_of, words_of};
use crate::model::event::Kind;

const LOOKUP: &str = r#"
[[lookup]]
name = "teams"
file = "teams.csv"
key = "agent"
columns = ["office"]
"#;

/// A table of one event that says the source of a lead as `phrase` makes it.
fn source(phrase: &str) -> Mapping {
    parsed(&format!(
        "{LOOKUP}\n[[table]]\nfiles = \"*\"\n[[table.event]]\nkind = \"lead_created\"\nevent_id = \"e\"\n\
         occurred_at = \"2018-01-01T00:00:00Z\"\nlead_id = \"l\"\nsource = {phrase}\n"
    ))
}

#[test]
fn a_phrase_is_a_template_or_a_lookup_then_a_default_then_a_map() {
    for (phrase, cells, expected) in [
        (r#""fixed""#, ["", ""], "fixed"),
        (r#""{a}""#, ["x", "y"], "x"),
        (r#""{a}-{b}!""#, ["x", "y"], "x-y!"),
        (r#""{a}-{b}!""#, ["", "y"], "-y!"),
        (r#""{a}-{b}!""#, ["", ""], "absent"),
        (r#""{{{a}}}""#, ["x", ""], "{x}"),
        (r#""{a}""#, ["", ""], "absent"),
        (r#"{ column = "a", default = "d" }"#, ["", ""], "d"),
        (r#"{ column = "a", default = "d" }"#, ["x", ""], "x"),
        (r#"{ text = "{a}{b}", default = "d" }"#, ["", "y"], "y"),
        (r#"{ column = "a", map = { x = "mapped" } }"#, ["x", ""], "mapped"),
        (r#"{ column = "a", map = { x = "mapped" } }"#, ["", ""], "absent"),
        (r#"{ column = "a", map = { x = "mapped" } }"#, ["z", ""], "rejected: unknown_symbol: source (a)"),
        (r#"{ column = "a", map = { x = "mapped" }, default = "x" }"#, ["", ""], "x"),
        (r#"{ column = "a", map = { Select = "" }, other = "keep" }"#, ["Select", ""], "absent"),
        (r#"{ column = "a", map = { Select = "" }, other = "keep" }"#, ["z", ""], "z"),
        (r#"{ column = "a", map = { x = "y" }, other = "absent" }"#, ["z", ""], "absent"),
        (r#"{ column = "a", map = { x = "y" }, other = { value = "v" } }"#, ["z", ""], "v"),
        (r#"{ column = "a", map = { x = "y" }, other = { ignore = "why" } }"#, ["z", ""], "ignored: why"),
        (r#"{ lookup = "teams", key = "{a}", take = "office" }"#, ["Ann", ""], "West"),
        (r#"{ lookup = "teams", key = "{a}", take = "office" }"#, ["", ""], "absent"),
        (r#"{ lookup = "teams", key = "{a}", take = "office", default = "d" }"#, ["Bob", ""], "d"),
        (
            r#"{ lookup = "teams", key = "{a}", take = "office" }"#,
            ["Cid", ""],
            "rejected: unmapped_row: source (a)",
        ),
        (r#"{ lookup = "teams", key = "{a}", take = "office", missing = "absent" }"#, ["Cid", ""], "absent"),
        (
            r#"{ lookup = "teams", key = "{a}", take = "office", missing = { ignore = "left" } }"#,
            ["Cid", ""],
            "ignored: left",
        ),
        (
            r#"{ lookup = "teams", key = { text = "{b}nn" }, take = "office", map = { West = "W" } }"#,
            ["", "A"],
            "W",
        ),
    ] {
        let mapping = source(phrase);
        let rows = [texts(&["Ann", "West"]), texts(&["Bob", ""]), texts(&["", "East"])];
        let teams = mapping.lookups()[0].read("teams.csv", &texts(&["agent", "office"]), rows).unwrap();
        let found = outcome(&mapping, &["b", "a"], &[cells[1], cells[0]], &[teams]);
        let shown = match found.strip_prefix('{') {
            None => found,
            Some(json) => match json.split_once("\"source\":\"") {
                None => "absent".to_owned(),
                Some((_, rest)) => rest.trim_end_matches("\"}").to_owned(),
            },
        };
        assert_eq!(shown, expected, "{phrase} of {cells:?}");
    }
}

#[test]
fn a_time_is_read_by_the_first_format_that_fits() {
    let formats = r#"formats = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d.%m.%Y %H:%M %z", "rfc3339"]"#;
    for (zone, cell, expected) in [
        ("UTC", "2018-11-26 21:43:09", "1543268589000"),
        ("UTC", "2018-11-26", "1543190400000"),
        ("UTC", "2018-11-26T21:43:09.5+01:00", "1543264989500"),
        ("UTC", "26.11.2018 21:43 -0300", "1543279380000"),
        ("America/Sao_Paulo", "2018-07-01", "1530414000000"),
        // Summer time: the night of 3 to 4 November 2018 has no midnight in Brazil, 25 March 2018 no 02:30 in
        // Germany, and 28 October 2018 has 02:30 twice.
        ("America/Sao_Paulo", "2018-11-04", "1541300400000"),
        ("Europe/Berlin", "2018-03-25 02:30:00", "1521941400000"),
        ("Europe/Berlin", "2018-10-28 02:30:00", "1540686600000"),
        ("UTC", "2018-02-30", "rejected: wrong_type: occurred_at (a)"),
        ("UTC", "2018-11-26 ", "rejected: wrong_type: occurred_at (a)"),
        ("UTC", "11/26/2018", "rejected: wrong_type: occurred_at (a)"),
        ("UTC", "9999-12-31", "rejected: impossible_value: occurred_at (a)"),
        ("UTC", "", "rejected: missing_field: occurred_at (a)"),
    ] {
        let mapping = parsed(&format!(
            "[[table]]\nfiles = \"*\"\n[[table.event]]\nkind = \"lead_deleted\"\nevent_id = \"e\"\n\
             occurred_at = {{ column = \"a\", {formats}, zone = \"{zone}\" }}\nlead_id = \"l\"\n"
        ));
        let found = outcome(&mapping, &["a"], &[cell], &[]);
        let time = found.split_once("\"occurred_at\":").and_then(|(_, rest)| rest.split(',').next());
        assert_eq!(time.unwrap_or(&found), expected, "{cell} in {zone}");
    }
}

#[test]
fn a_row_speaks_by_every_event_whose_conditions_hold() {
    let mapping = parsed(
        r#"
        [[table]]
        files = "*"
        [[table.event]]
        kind = "deal_opened"
        when = { column = "stage", none_of = ["Idea", "Test"] }
        event_id = "o-{id}"
        occurred_at = "{opened}"
        deal_id = "{id}"
        amount_minor = { column = "value", factor = 100 }
        currency = "{currency}"
        [[table.event]]
        kind = "deal_stage_entered"
        when = [{ column = "stage", one_of = ["Won", "Lost"] }, { column = "closed", empty = false }]
        event_id = "c-{id}"
        occurred_at = "{closed}"
        deal_id = "{id}"
        stage = "{stage}"
        status = { column = "stage", map = { Won = "won", Lost = "lost" } }
        [[table.ignore]]
        when = [{ column = "stage", equals = "Idea" }, { column = "closed", empty = true }]
        reason = "an idea"
        "#,
    );
    let header = ["id", "stage", "opened", "closed", "value", "currency"];
    let opened = |id: &str, amount: &str| {
        let rest = format!(r#""kind":"deal_opened","deal_id":"{id}"{amount}}}"#);
        format!(r#"{{"event_id":"o-{id}","occurred_at":1514764800000,{rest}"#)
    };
    let rest = r#""kind":"deal_stage_entered","deal_id":"1","stage":"Won","status":"won"}"#;
    let won = format!(r#"{{"event_id":"c-1","occurred_at":1514851200000,{rest}"#);
    let (day_1, day_2) = ("2018-01-01T00:00:00Z", "2018-01-02T00:00:00Z");
    for (row, expected) in [
        (["1", "Won", day_1, day_2, "", ""], format!("{} {won}", opened("1", ""))),
        (["2", "New", day_1, "", "12.5", "EUR"], opened("2", r#","amount_minor":1250,"currency":"EUR""#)),
        (["3", "Won", day_1, "", "", "EUR"], opened("3", "")),
        (["4", "Idea", "", "", "", ""], "ignored: an idea".to_owned()),
        (["5", "Idea", day_1, day_2, "", ""], "rejected: unmapped_row: stage".to_owned()),
        (["6", "Test", "", "", "", ""], "rejected: unmapped_row: stage".to_owned()),
        // One event of a row that cannot be takes the other with it.
        (["7", "Won", day_1, "soon", "", ""], "rejected: wrong_type: occurred_at (closed)".to_owned()),
        (["8", "New", day_1, "", "12.5", ""], "rejected: missing_field: currency (currency)".to_owned()),
        (
            ["9", "New", day_1, "", "12.5", "eur"],
            "rejected: impossible_value: currency (currency)".to_owned(),
        ),
        (["", "New", day_1, "", "", ""], "rejected: missing_field: event_id (id)".to_owned()),
    ] {
        assert_eq!(outcome(&mapping, &header, &row, &[]), expected, "{row:?}");
    }
    assert_eq!(outcome(&mapping, &header, &["1"], &[]), "rejected: missing_field: occurred_at (opened)");
}

#[test]
fn flags_lists_and_pairs_are_made_of_phrases() {
    let mapping = parsed(
        r#"
        [[table]]
        files = "*"
        [[table.event]]
        kind = "lead_touched"
        event_id = "e"
        occurred_at = "{at}"
        lead_id = "l"
        team = "sales"
        automated = { column = "a", map = { J = "true", N = "false" } }
        [[table.event]]
        kind = "playbook_changed"
        event_id = "e"
        occurred_at = "{at}"
        change = "scoring"
        reasons = ["{a}", "fixed", "{b}"]
        [[table.event]]
        kind = "campaign_launched"
        event_id = "e"
        occurred_at = "{at}"
        campaign_id = "c"
        team = "marketing"
        attributes = { region = "{b}", kind = { column = "a", map = { J = "yes" } } }
        "#,
    );
    let at = "2018-01-01T00:00:00Z";
    let head = |kind: &str| format!(r#"{{"event_id":"e","occurred_at":1514764800000,"kind":"{kind}""#);
    assert_eq!(
        outcome(&mapping, &["at", "a", "b"], &[at, "J", ""], &[]),
        [
            format!(r#"{},"lead_id":"l","team":"sales","automated":true}}"#, head("lead_touched")),
            format!(r#"{},"change":"scoring","reasons":["J","fixed"]}}"#, head("playbook_changed")),
            format!(
                r#"{},"campaign_id":"c","attributes":{{"kind":"yes"}},"team":"marketing"}}"#,
                head("campaign_launched")
            ),
        ]
        .join(" ")
    );
    assert_eq!(
        outcome(&mapping, &["at", "a", "b"], &[at, "N", ""], &[]),
        "rejected: unknown_symbol: attributes.kind (a)"
    );
}

#[test]
fn columns_and_lookups_are_found_or_named() {
    let mapping = source(r#"{ lookup = "teams", key = "{agent}-{region}", take = "office" }"#);
    let problems = |errors: Vec<crate::intake::mapping::MappingError>| -> Vec<String> {
        errors.iter().map(ToString::to_string).collect()
    };
    let table = &mapping.tables()[0];
    assert_eq!(table.lookups(), [0]);
    assert_eq!(
        problems(mapping.bind(table, "t.csv", &texts(&["Agents", "region", "region"]), &[]).unwrap_err()),
        [
            "m.toml:2: lookup[1]: the file teams.csv of this lookup is needed beside t.csv",
            "m.toml:15: table[1].event[1].source.key: unknown column `agent`; did you mean `Agents`? (the \
             header of t.csv)",
            "m.toml:15: table[1].event[1].source.key: t.csv has more than one column `region`",
        ]
    );
    let teams = &mapping.lookups()[0];
    assert!(teams.reads("/x/teams.csv") && !teams.reads("sales_teams.csv") && teams.delimiter() == b',');
    assert_eq!(
        problems(teams.read("teams.csv", &texts(&["agnt", "office"]), []).unwrap_err()),
        ["m.toml:5: lookup[1].key: unknown column `agent`; did you mean `agnt`? (the header of teams.csv)"]
    );
    let rows = [["Ann", "West"], ["Ann", "West"], ["Ann", "East"]].map(|row| texts(&row));
    assert_eq!(
        problems(teams.read("teams.csv", &texts(&["agent", "office"]), rows).unwrap_err()),
        ["m.toml:2: lookup[1]: teams.csv, row 4: the key is that of an earlier row, the cells are not"]
    );
}

/// What the mapping knows of the contract is what the codec judges by: an event of all its fields passes,
/// one without a field that it may have passes, and one without a field that it needs does not.
#[test]
fn each_kind_needs_and_has_the_fields_that_the_codec_says() {
    let value = |kind: Kind, field: &str| match (type_of(field), field) {
        (FieldType::Time, "to") => "\"2018-02-01T00:00:00Z\"".to_owned(),
        (FieldType::Time, _) => "\"2018-01-01T00:00:00Z\"".to_owned(),
        (FieldType::Number, _) => "12".to_owned(),
        (FieldType::Flag, _) => "true".to_owned(),
        (FieldType::List, _) => "[\"r\"]".to_owned(),
        (FieldType::Pairs, _) => "{ k = \"v\" }".to_owned(),
        (FieldType::Text, "currency") => "\"EUR\"".to_owned(),
        (FieldType::Text, field) => match words_of(kind, field) {
            Some(words) => format!("\"{}\"", words[0]),
            None => format!("\"{field}\""),
        },
    };
    let empty = |field: &str| match type_of(field) {
        FieldType::List => "[\"{empty}\"]".to_owned(),
        FieldType::Pairs => "{ k = \"{empty}\" }".to_owned(),
        _ => "\"{empty}\"".to_owned(),
    };
    let mut seen = vec!["kind"];
    for kind in Kind::ALL {
        let (needed, optional) = fields_of(*kind);
        let all: Vec<&str> = needed.iter().chain(optional).copied().collect();
        let without = |left_out: Option<&str>| {
            let mut text =
                format!("[[table]]\nfiles = \"*\"\n[[table.event]]\nkind = \"{}\"\n", kind.as_str());
            for field in &all {
                let value = if Some(*field) == left_out { empty(field) } else { value(*kind, field) };
                text.push_str(&format!("{field} = {value}\n"));
            }
            outcome(&parsed(&text), &["empty"], &[""], &[])
        };
        let everything = without(None);
        for field in &all {
            assert!(everything.contains(&format!("\"{field}\":")), "{everything} lacks {field}");
            seen.push(field);
        }
        for field in &needed {
            let expected = format!("rejected: missing_field: {field} (empty)");
            assert_eq!(without(Some(field)), expected, "{}", kind.as_str());
        }
        for field in optional {
            let found = without(Some(field));
            let needs_it = *field == "currency" && all.contains(&"amount_minor");
            assert_eq!(found.starts_with("rejected"), needs_it, "{} without {field}: {found}", kind.as_str());
        }
    }
    for field in Field::ALL {
        assert!(seen.contains(&field.as_str()), "no kind has {}", field.as_str());
    }
}
