//! `rapport rules`: every rule in words, with the settings that it has.

use crate::cli::Rules;
use crate::commands::say::say_line;
use crate::config::nearest_word;
use crate::funnel::signs::rule::Rule;
use crate::funnel::signs::statement;
use crate::model::definitions::Definitions;

use super::{Failure, configured, request};

/// Columns that the words take.
const WIDTH: usize = 100;

/// The signs by their names.
const SIGNS: [&str; 5] = [
    "Beside the signs",
    "1. Marketing cares only about MQLs, sales about closed deals",
    "2. The two are out of sync",
    "3. Marketing is not curious about what makes selling easier",
    "4. Sales makes its own content",
];

/// Prints the rules.
pub fn rules(args: &Rules) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    let definitions = configured::local_definitions(&config)?;
    let asked = asked(&args.rules)?;
    if args.json {
        let all: Vec<_> = asked.iter().filter_map(|rule| statement::of(*rule, &definitions)).collect();
        say_line!("{}", serde_json::to_string_pretty(&all).expect("statements are always JSON"));
        return Ok(());
    }
    for (sign, title) in (0u8..).zip(SIGNS).skip(1).chain([(0, SIGNS[0])]) {
        let of_sign: Vec<Rule> = asked.iter().copied().filter(|rule| rule.sign() == sign).collect();
        if !of_sign.is_empty() {
            say_line!("{title}\n");
            of_sign.into_iter().for_each(|rule| print(rule, &definitions));
        }
    }
    Ok(())
}

/// The rules that were asked for; all, if none was named.
fn asked(names: &[String]) -> Result<Vec<Rule>, Failure> {
    if names.is_empty() {
        return Ok(Rule::ALL.to_vec());
    }
    names.iter().map(|name| named(name).map_err(|why| request(anyhow::anyhow!(why)))).collect()
}

/// The rule of this name; else what to say: the name that is near, or all of them where none is.
pub(super) fn named(name: &str) -> Result<Rule, String> {
    let names = || Rule::ALL.iter().map(|rule| rule.name());
    let known = Rule::ALL.iter().copied().find(|rule| rule.name() == name);
    known.ok_or_else(|| match nearest_word(name, names()) {
        Some(near) => format!("there is no rule {name:?}; did you mean {near}? `rapport rules` lists all"),
        None => {
            format!("there is no rule {name:?}; the rules are {}", names().collect::<Vec<_>>().join(", "))
        }
    })
}

fn print(rule: Rule, definitions: &Definitions) {
    say_line!("{}", rule.name());
    match statement::of(rule, definitions) {
        None => say_line!("  is off.\n"),
        Some(statement) => {
            for (label, words) in statement.parts() {
                say_line!("{}", paragraph(label, words));
            }
            say_line!();
        }
    }
}

/// A label and its words, broken into lines.
fn paragraph(label: &str, words: &str) -> String {
    const INDENT: usize = 16;
    let mut text = format!("  {label:<13} ");
    let mut column = INDENT;
    for word in words.split(' ') {
        if column > INDENT && column + 1 + word.chars().count() > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(INDENT));
            column = INDENT;
        } else if column > INDENT {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += word.chars().count();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_broken_under_their_label() {
        let text = paragraph("counts", &"word ".repeat(40));
        assert!(text.starts_with("  counts        word word"), "{text}");
        assert!(text.lines().count() > 1 && text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
        assert!(
            text.lines()
                .skip(1)
                .all(|line| line.starts_with("                word") || line.trim().is_empty())
        );
    }

    /// 1 − 0.03 / 21 and 1 − 0.5 / 21 of a normal distribution lie below 2.9827 and 1.9808 (Python's `statistics`).
    #[test]
    fn revenue_pace_says_how_far_behind_is_too_far() {
        for (alerts, limit, half, days) in [("0.03", "2.98", "1.49", "700."), ("0.5", "1.98", "0.99", "42.")]
        {
            let text = format!("[rule.revenue_pace]\nalerts_per_month = {alerts}\n");
            let config = crate::config::load(&text, "the test's", &[]).unwrap();
            let definitions = configured::local_definitions(&config).unwrap();
            let said = statement::of(Rule::RevenuePace, &definitions).unwrap();
            assert!(said.speaks.contains(&format!("{limit} standard deviations")), "{}", said.speaks);
            assert!(said.speaks.ends_with(&format!("one business day in {days}")), "{}", said.speaks);
            assert!(said.stays.contains(&format!("{half} standard deviations")), "{}", said.stays);
        }
    }

    #[test]
    fn a_name_that_is_nearly_right_is_helped() {
        let said = asked(&["first_touch".to_owned()]).map_err(|error| format!("{error:?}"));
        assert!(said.unwrap_err().contains("did you mean first_touch_slo?"));
    }

    #[test]
    fn a_name_that_is_near_to_none_is_met_with_them_all() {
        for name in ["nosuch", "x", "", "zzzzzzzzzzzzzzz"] {
            let said = named(name).unwrap_err();
            assert!(!said.contains("did you mean"), "{said}");
            assert!(Rule::ALL.iter().all(|rule| said.contains(rule.name())), "{said}");
        }
    }
}
