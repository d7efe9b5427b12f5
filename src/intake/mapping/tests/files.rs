//! Mapping files: every problem is found at once and named with its line; good ones are found by file name.

use super::{parsed, problems};

/// A file with every kind of problem.
const BAD: &str = r#"
[[lookup]]
name = "teams"
file = "teams.csv"
key = "agent"
columns = ["office"]

[[lookups]]

[[table]]
files = "*deals*.csv"
delimiter = ";;"
skip = 1

[[table.event]]
kind = "deal_stage_entred"

[[table.event]]
kind = "lead_stage_entered"
event_id = "{id"
lead_id = "{id}"
stage = { column = "stage", map = { A = "mlq", B = "sql" }, other = "drop" }
source = "x"
attribute = { a = "b" }
when = [{ column = "stage", equal = "A" }, { column = "stage", empty = "yes" }, { equals = "A" }]

[[table.event]]
kind = "deal_stage_entered"
event_id = "won"
occurred_at = { column = "day", formats = ["%Y-%m-%d", "%Y-%m", "%Y-%m-%d %k:%%:%J"] }
deal_id = { column = "id", text = "{id}" }
stage = { lookup = "team", key = "{agent}", take = "office" }
status = "own"
amount_minor = { column = "value", factor = 0 }
reason = { lookup = "teams", key = "{agent}", take = "ofice", missing = "keep" }

[[table.event]]
kind = "lead_created"
event_id = 7
occurred_at = { column = "day", formats = ["%Y-%m-%d"], zone = "Europe/Berln" }
lead_id = { column = "id", other = "keep", missing = "absent" }

[[table.ignore]]
reason = ""
"#;

/// The problems of [`BAD`]: the line and what is said of it.
const PROBLEMS: &[(usize, &str)] = &[
    (8, "lookups: unknown key `lookups`; did you mean `lookup`?"),
    (12, "table[1].delimiter: a delimiter is one ASCII character, such as \",\", \";\" or \"\\t\""),
    (13, "table[1].skip: unknown key `skip`; known are `files`, `delimiter`, `event`, `ignore`"),
    (16, "table[1].event[1].kind: unknown kind `deal_stage_entred`; did you mean `deal_stage_entered`?"),
    (18, "table[1].event[2]: lead_stage_entered needs `occurred_at`"),
    (
        20,
        "table[1].event[2].event_id: `{id` has a brace without its partner: a column is written \
                 `{name}`, a brace itself `{{` or `}}`",
    ),
    (
        22,
        "table[1].event[2].stage.other: unknown choice `drop`; known are `reject`, `keep`, `absent`, \
                 or a table: { value = \"…\" }, { ignore = \"why\" }",
    ),
    (22, "table[1].event[2].stage: unknown stage `mlq`; did you mean `mql`?"),
    (23, "table[1].event[2].source: lead_stage_entered has no field `source`"),
    (
        24,
        "table[1].event[2].attribute: unknown key `attribute`; known are `event_id`, `occurred_at`, \
                 `lead_id`, `stage`, `kind`, `when`",
    ),
    (25, "table[1].event[2].when[1].equal: unknown key `equal`; did you mean `equals`?"),
    (
        25,
        "table[1].event[2].when[1]: one of `equals`, `not_equals`, `one_of`, `none_of` and `empty` is \
                 needed, and only one",
    ),
    (25, "table[1].event[2].when[2].empty: true or false is needed here, not a text"),
    (25, "table[1].event[2].when[3]: `column` is missing"),
    (27, "table[1].event[3]: an amount needs a `currency` beside it"),
    (
        30,
        "table[1].event[3].occurred_at.formats[1]: `%Y-%m-%d` names no offset, so a `zone` is needed \
                 beside `formats`",
    ),
    (30, "table[1].event[3].occurred_at.formats[2]: `%Y-%m` does not say which day is meant"),
    (
        30,
        "table[1].event[3].occurred_at.formats[3]: `%Y-%m-%d %k:%%:%J` is no format of times: \
                 strftime formatting failed: found unrecognized specifier directive `J`",
    ),
    (31, "table[1].event[3].deal_id: one of `column`, `text` and `lookup` is needed, and only one"),
    (32, "table[1].event[3].stage.lookup: unknown lookup `team`; did you mean `teams`?"),
    (33, "table[1].event[3].status: unknown status `own`; did you mean `won`?"),
    (34, "table[1].event[3].amount_minor.factor: a factor lies between 1 and 1000000000"),
    (35, "table[1].event[3].reason.missing: the key of a lookup cannot stand for what is looked up"),
    (35, "table[1].event[3].reason.take: unknown column of the lookup `ofice`; did you mean `office`?"),
    (39, "table[1].event[4].event_id: a text or a table is needed here, not a whole number"),
    (
        40,
        "table[1].event[4].occurred_at.zone: unknown zone `Europe/Berln`: an IANA name such as \
                 Europe/Berlin or UTC is needed",
    ),
    (41, "table[1].event[4].lead_id.missing: `missing` belongs to a `lookup`, and there is none here"),
    (
        41,
        "table[1].event[4].lead_id.other: `other` says what becomes of a value that `map` does not \
                 know: add a `map`",
    ),
    (43, "table[1].ignore[1]: `when` is missing"),
    (44, "table[1].ignore[1].reason: the text is empty"),
];

#[test]
fn every_problem_of_a_file_is_found_at_once() {
    let expected: Vec<String> =
        PROBLEMS.iter().map(|(line, said)| format!("m.toml:{line}: {said}")).collect();
    assert_eq!(problems(BAD), expected);
}

#[test]
fn what_is_no_mapping_at_all_says_so() {
    assert_eq!(problems(""), ["m.toml:1: `table` is missing"]);
    assert_eq!(problems("[table]\nfiles = \"a\"\n"), ["m.toml:1: table: write [[table]], with two brackets"]);
    let cut = problems("[[table]]\nfiles = \"a");
    assert!(cut.len() == 1 && cut[0].starts_with("m.toml:2: not TOML: "), "{cut:?}");
}

#[test]
fn a_table_is_found_by_the_name_of_the_file_the_first_that_fits() {
    let event = "event = []\n";
    let table = |files: &str, delimiter: &str| {
        format!("[[table]]\nfiles = \"{files}\"\ndelimiter = \"{delimiter}\"\n{event}")
    };
    let mapping = parsed(&(table("*won*.csv", ";") + &table("*.csv", "\\t")));
    let delimiter = |name: &str| mapping.table_for(name).map(|table| table.delimiter());
    assert_eq!(delimiter("/data/deals_won.csv.gz"), Some(b';'));
    assert_eq!(delimiter("/data/won/leads.csv"), Some(b'\t'));
    assert_eq!(delimiter("leads.jsonl"), None);
}

/// The example at the head of the room is a mapping.
#[test]
fn the_example_is_a_mapping() {
    let lines = include_str!("../mod.rs").lines().map(|line| line.trim_start_matches("//!"));
    let example: Vec<&str> =
        lines.skip_while(|line| *line != " ```toml").skip(1).take_while(|line| *line != " ```").collect();
    assert_eq!(parsed(&example.join("\n")).tables().len(), 1);
}
