//! Small files in the shape of the real ones: every event that is expected of them lies beside them, as
//! the JSON of the contract, in the order of the rows.

use std::path::Path;

use rapport::codec::{Format, Record, SchemaStore, decode};
use rapport::model::event::Event;

use super::{Mapped, map, mapping};

/// Maps the files of one folder and holds the events against `expected.jsonl`.
fn mapped(mapping_file: &str, folder: &str, files: &[&str]) -> Mapped {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mapping").join(folder);
    let expected = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    let event = |line: &str| -> Event {
        match decode(line.as_bytes(), Format::Json, &SchemaStore::default()).unwrap().record {
            Record::Event(event) => event,
            Record::Control(control) => panic!("{control:?}"),
        }
    };
    let expected: Vec<Event> = expected.lines().map(event).collect();
    let mapped = map(&mapping(mapping_file), &folder, files);
    for (n, (event, expected)) in mapped.events.iter().zip(&expected).enumerate() {
        assert_eq!(event, expected, "event {}", n + 1);
    }
    assert_eq!(mapped.events.len(), expected.len());
    mapped
}

fn rejections(mapped: &Mapped) -> Vec<String> {
    mapped.rejected.iter().map(ToString::to_string).collect()
}

#[test]
fn olist() {
    let mapped =
        mapped("olist.toml", "olist", &["small_marketing_qualified_leads.csv", "small_closed_deals.csv"]);
    assert_eq!(
        rejections(&mapped),
        [
            "wrong_type: occurred_at (first_contact_date)",
            "missing_field: occurred_at (first_contact_date)",
            "missing_field: lead_id (mql_id)",
            "wrong_type: occurred_at (won_date)",
        ]
    );
    assert_eq!(mapped.unreadable, 1);
    assert!(mapped.ignored.is_empty());
}

#[test]
fn crm_sales_opportunities() {
    let mapped = mapped("crm_sales_opportunities.toml", "crm", &["small_sales_pipeline.csv"]);
    assert_eq!(
        rejections(&mapped),
        [
            "unmapped_row: attributes.region (sales_agent)",
            "unmapped_row: attributes.series (product)",
            "unmapped_row: deal_stage",
            "impossible_value: amount_minor (close_value)",
        ]
    );
    assert_eq!(mapped.ignored, [("prospecting deals have no date".to_owned(), 1)].into());
    assert_eq!(mapped.unreadable, 0);
}

#[test]
fn helpdesk_log() {
    let mapped = mapped("helpdesk_log.toml", "helpdesk", &["small_helpdesk.csv"]);
    assert_eq!(rejections(&mapped), ["unmapped_row: activity", "wrong_type: occurred_at (timestamp)"]);
    let ignored = [
        ("the state of a software anomaly, not of the ticket".to_owned(), 1),
        ("work on the ticket that is no step of the funnel".to_owned(), 1),
    ];
    assert_eq!(mapped.ignored, ignored.into());
}
