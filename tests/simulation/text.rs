//! Schedules as text, one thing a line, and back.

use std::fmt;
use std::str::{FromStr, SplitWhitespace};

use rapport::log::memory::CoordinatorType;

use super::schedule::{Action, Call, Company, Flavour, Group, Schedule, When};

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Company {
            seed,
            partitions,
            has_intakes,
            events,
            days,
            leads,
            flavour,
            retention_days,
            has_changes,
            has_wall,
        } = &self.company;
        let flavour = format!("{flavour:?}").to_lowercase();
        writeln!(f, "company {seed}")?;
        writeln!(f, "partitions {partitions}")?;
        writeln!(f, "sources {}", if *has_intakes { "intakes" } else { "direct" })?;
        writeln!(f, "events {events} days {days} leads {leads} flavour {flavour}")?;
        writeln!(f, "retention {retention_days}")?;
        writeln!(f, "definitions {}", if *has_changes { "change" } else { "stay" })?;
        writeln!(f, "wall {}", if *has_wall { "passes" } else { "stands" })?;
        let Group {
            seed,
            instances,
            is_static,
            batch,
            marker_steps,
            commit_ms,
            session_ms,
            transaction_ms,
            ahead_hours,
            chop,
        } = &self.group;
        writeln!(f, "run {seed}")?;
        writeln!(f, "instances {instances} {}", if *is_static { "static" } else { "dynamic" })?;
        writeln!(f, "batch {batch} markers {marker_steps} chop {chop}")?;
        writeln!(
            f,
            "commit {commit_ms} session {session_ms} transaction {transaction_ms} ahead {ahead_hours}"
        )?;
        self.actions.iter().try_for_each(|(round, action)| writeln!(f, "at {round} {action}"))
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Nth(n) => write!(f, "{n}"),
            Call::Places => f.write_str("places"),
            Call::End => f.write_str("end"),
        }
    }
}

/// When something is there again.
struct Back(Option<u64>);

impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(ms) => write!(f, "back {ms}"),
            None => f.write_str("back never"),
        }
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |when: &When| if *when == When::Before { "before" } else { "after" };
        match self {
            Action::Crash { who, call, when, back_ms } => {
                write!(f, "crash {who} call {call} {} {}", word(when), Back(*back_ms))
            }
            Action::Fail { who, call, when, is_for_good } => {
                let road = if *is_for_good { "rebuild" } else { "retry" };
                write!(f, "fail {who} call {call} {} {road}", word(when))
            }
            Action::Late { who, call, steps } => write!(f, "late {who} call {call} steps {steps}"),
            Action::Lose { who, call } => write!(f, "lose {who} call {call}"),
            Action::CrashLate { who, call, steps, back_ms } => {
                write!(f, "crash-late {who} call {call} steps {steps} {}", Back(*back_ms))
            }
            Action::Pause { who, call, ms } => write!(f, "pause {who} call {call} ms {ms}"),
            Action::Cut { who, ms } => write!(f, "cut {who} ms {ms}"),
            Action::Slow { who, by_ms, ms } => write!(f, "slow {who} by {by_ms} ms {ms}"),
            Action::Fence { who } => write!(f, "fence {who}"),
            Action::Expire => f.write_str("expire"),
            Action::Down { ms } => write!(f, "down ms {ms}"),
            Action::Move { of, when, ms } => {
                let of = if *of == CoordinatorType::Group { "groups" } else { "transactions" };
                write!(f, "move {of} {} ms {ms}", word(when))
            }
            Action::Rebalance => f.write_str("rebalance"),
            Action::Join => f.write_str("join"),
            Action::Leave { who, back_ms } => write!(f, "leave {who} {}", Back(*back_ms)),
            Action::Restart { who } => write!(f, "restart {who}"),
            Action::Feed { events } => write!(f, "feed {events}"),
        }
    }
}

/// The words of a schedule. Lines that begin with `#` say nothing.
struct Words<'a>(SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn word(&mut self) -> Result<&'a str, String> {
        self.0.next().ok_or_else(|| "the line ends too early".to_owned())
    }

    fn expect(&mut self, expected: &str) -> Result<(), String> {
        let word = self.word()?;
        if word == expected { Ok(()) } else { Err(format!("{word} where {expected} is to be")) }
    }

    fn number<T: FromStr>(&mut self) -> Result<T, String> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("{word} is no number"))
    }

    fn named<T: FromStr>(&mut self, name: &str) -> Result<T, String> {
        self.expect(name)?;
        self.number()
    }

    fn choice<T>(&mut self, choices: &[(&str, T)]) -> Result<T, String>
    where
        T: Copy,
    {
        let word = self.word()?;
        let found = choices.iter().find(|(name, _)| *name == word);
        found.map(|(_, value)| *value).ok_or_else(|| format!("{word} is not known here"))
    }

    fn call(&mut self) -> Result<Call, String> {
        self.expect("call")?;
        match self.word()? {
            "places" => Ok(Call::Places),
            "end" => Ok(Call::End),
            word => word.parse().map(Call::Nth).map_err(|_| format!("{word} is no call")),
        }
    }

    fn when(&mut self) -> Result<When, String> {
        self.choice(&[("before", When::Before), ("after", When::After)])
    }

    fn back(&mut self) -> Result<Option<u64>, String> {
        self.expect("back")?;
        match self.word()? {
            "never" => Ok(None),
            word => word.parse().map(Some).map_err(|_| format!("{word} is no time")),
        }
    }

    fn action(&mut self) -> Result<Action, String> {
        Ok(match self.word()? {
            "crash" => Action::Crash {
                who: self.number()?,
                call: self.call()?,
                when: self.when()?,
                back_ms: self.back()?,
            },
            "fail" => Action::Fail {
                who: self.number()?,
                call: self.call()?,
                when: self.when()?,
                is_for_good: self.choice(&[("rebuild", true), ("retry", false)])?,
            },
            "late" => Action::Late { who: self.number()?, call: self.call()?, steps: self.named("steps")? },
            "lose" => Action::Lose { who: self.number()?, call: self.call()? },
            "crash-late" => Action::CrashLate {
                who: self.number()?,
                call: self.call()?,
                steps: self.named("steps")?,
                back_ms: self.back()?,
            },
            "pause" => Action::Pause { who: self.number()?, call: self.call()?, ms: self.named("ms")? },
            "cut" => Action::Cut { who: self.number()?, ms: self.named("ms")? },
            "slow" => Action::Slow { who: self.number()?, by_ms: self.named("by")?, ms: self.named("ms")? },
            "fence" => Action::Fence { who: self.number()? },
            "expire" => Action::Expire,
            "down" => Action::Down { ms: self.named("ms")? },
            "move" => Action::Move {
                of: self.choice(&[
                    ("groups", CoordinatorType::Group),
                    ("transactions", CoordinatorType::Transaction),
                ])?,
                when: self.when()?,
                ms: self.named("ms")?,
            },
            "rebalance" => Action::Rebalance,
            "join" => Action::Join,
            "leave" => Action::Leave { who: self.number()?, back_ms: self.back()? },
            "restart" => Action::Restart { who: self.number()? },
            "feed" => Action::Feed { events: self.number()? },
            other => return Err(format!("{other} is nothing that happens")),
        })
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Schedule, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (mut head, mut actions) = (String::new(), Vec::new());
        for line in lines {
            match line.strip_prefix("at ") {
                Some(rest) => {
                    let mut words = Words(rest.split_whitespace());
                    let action = words.number().and_then(|round| Ok((round, words.action()?)));
                    actions.push(action.map_err(|why| format!("{line}: {why}"))?);
                }
                None => head = head + " " + line,
            }
        }
        let mut words = Words(head.split_whitespace());
        let company = Company {
            seed: words.named("company")?,
            partitions: words.named("partitions")?,
            has_intakes: words
                .expect("sources")
                .and_then(|()| words.choice(&[("intakes", true), ("direct", false)]))?,
            events: words.named("events")?,
            days: words.named("days")?,
            leads: words.named("leads")?,
            flavour: words.expect("flavour").and_then(|()| {
                let all = [Flavour::Hot, Flavour::Still, Flavour::Moving];
                words.choice(&["hot", "still", "moving"].into_iter().zip(all).collect::<Vec<_>>())
            })?,
            retention_days: words.named("retention")?,
            has_changes: words
                .expect("definitions")
                .and_then(|()| words.choice(&[("change", true), ("stay", false)]))?,
            has_wall: words
                .expect("wall")
                .and_then(|()| words.choice(&[("passes", true), ("stands", false)]))?,
        };
        let group = Group {
            seed: words.named("run")?,
            instances: words.named("instances")?,
            is_static: words.choice(&[("static", true), ("dynamic", false)])?,
            batch: words.named("batch")?,
            marker_steps: words.named("markers")?,
            chop: words.named("chop")?,
            commit_ms: words.named("commit")?,
            session_ms: words.named("session")?,
            transaction_ms: words.named("transaction")?,
            ahead_hours: words.named("ahead")?,
        };
        Ok(Schedule { company, group, actions })
    }
}
