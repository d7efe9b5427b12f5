//! An explanation as a person reads it.

use std::fmt::Write as _;

use crate::model::EventTime;
use crate::model::alert::AlertState;
use crate::model::explanation::{Carrier, Sum};

use super::Explained;

/// The whole text.
pub(super) fn text(Explained { alert, explanation }: &Explained) -> String {
    let mut text = String::new();
    let state = match alert.state {
        AlertState::Firing => "firing",
        AlertState::Resolved => "resolved",
    };
    let subject = alert.subject.as_ref().map_or_else(String::new, |subject| format!(" · {subject}"));
    let _ =
        writeln!(text, "{} · {}{subject} · {state} · {}", alert.rule, alert.segment, alert.severity.as_str());
    let _ = writeln!(text, "{}", alert.summary);
    let _ = writeln!(text, "since {}, told at {}", minute(alert.since), minute(alert.at));
    let window = (minute(alert.window_start), minute(alert.window_end));
    let _ = writeln!(
        text,
        "looked at {} to {}; {} too young to count",
        window.0, window.1, alert.excluded_immature
    );
    figures(&mut text, &explanation.sum);
    outcomes(&mut text, &explanation.sum);
    carriers(&mut text, &explanation.sum.carriers);
    if !alert.evidence.is_empty() {
        let _ = writeln!(text, "\nBehind it, the newest first");
        let _ = writeln!(text, "  {}", alert.evidence.join(", "));
    }
    let _ = writeln!(text, "\nWhat to do\n  {}", alert.advice);
    if alert.state == AlertState::Resolved {
        let _ = writeln!(text, "\nWhy it had fired: the same command with --fired");
    }
    let _ = writeln!(text, "\nThe rule in words: rapport rules {}", alert.rule);
    text
}

fn minute(at: EventTime) -> String {
    at.rfc3339().get(..16).unwrap_or_default().replace('T', " ")
}

fn figures(text: &mut String, sum: &Sum) {
    let widest = sum.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, "\nHow its value comes about");
    for figure in &sum.figures {
        let _ = writeln!(
            text,
            "  {:widest$}  {:>12}  {}",
            figure.name,
            figure.value.map_or("–".to_owned(), number),
            figure.from
        );
    }
}

fn outcomes(text: &mut String, sum: &Sum) {
    let outcomes = &sum.outcomes;
    if outcomes.rows.is_empty() {
        return;
    }
    let _ = write!(text, "\nThe rows\n  {:16}", "from");
    for column in &outcomes.columns {
        let _ = write!(text, "  {column:>10}");
    }
    text.push('\n');
    for row in &outcomes.rows {
        let _ = write!(text, "  {:16}", minute(row.from));
        for (column, n) in outcomes.columns.iter().zip(&row.numbers) {
            let width = column.chars().count().max(10);
            let _ = write!(text, "  {:>width$}", number(*n));
        }
        text.push('\n');
    }
}

fn carriers(text: &mut String, carriers: &[Carrier]) {
    if carriers.is_empty() {
        return;
    }
    let widest = carriers.iter().map(|carrier| carrier.segment.chars().count()).max().unwrap_or(0);
    let _ = writeln!(text, "\nWhere it lies: what is beyond the expected, as a part of the whole");
    for Carrier { segment, n, bad, expected, share } in carriers {
        let part = share * 100.0;
        // Of what is counted by itself, as MQLs are, there is no smaller part.
        let counted = if bad == n { n.to_string() } else { format!("{bad} of {n}") };
        let _ = writeln!(text, "  {segment:widest$}  {counted}, {} expected: {part:.1} %", number(*expected));
    }
}

/// A number with the digits that matter: whole ones as they are, others with four digits behind the point, tiny ones by
/// their power of ten.
fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if value.abs() < 0.001 {
        format!("{value:.2e}")
    } else {
        format!("{value:.4}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_say_of_how_many_where_that_is_more() {
        let of = |n, bad| Carrier { segment: "source=ads".into(), n, bad, expected: 1.5, share: 0.75 };
        let mut text = String::new();
        carriers(&mut text, &[of(8, 6), of(6, 6)]);
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            ["  source=ads  6 of 8, 1.5000 expected: 75.0 %", "  source=ads  6, 1.5000 expected: 75.0 %"]
        );
    }

    #[test]
    fn numbers_show_the_digits_that_matter() {
        for (value, said) in [(3.0, "3"), (0.1666666, "0.1667"), (0.00001234, "1.23e-5")] {
            assert_eq!(number(value), said);
        }
    }
}
