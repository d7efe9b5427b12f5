//! The life of an alert: inactive → pending → firing → resolved, with the time passed in.
//!
//! It is the memory of judging, besides the days from which a rule watches again.
//! Identity is the fingerprint of (rule, segment, subject).

use serde::{Deserialize, Serialize};

use crate::model::alert::{Alert, AlertState, Severity};
use crate::model::explanation::{AtRisk, Sum};
use crate::model::{EventTime, Text};

use super::signs::mql_tunnel_vision::divergence;
use super::signs::rule::Rule;
use super::signs::{Measured, Verdict, share_watch};

/// What is remembered of a rule in a segment while it is not inactive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Life {
    /// Where it stands.
    pub stage: LifeStage,
    /// When the condition began to hold.
    pub since: EventTime,
    /// The detectors as they were set when it began, for rules that learn.
    pub frozen: Option<Frozen>,
    /// What was told last.
    pub told: Option<Box<Alert>>,
    /// How its value came about.
    pub sum: Option<Box<Sum>>,
}

/// The detectors of a rule that learns, as they were set when its alert began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Frozen {
    /// Those of `divergence`.
    Divergence(divergence::Watch),
    /// That of a rule which watches a share.
    Share {
        /// The detector.
        watch: share_watch::Watch,
        /// How many days an outcome takes.
        span: u16,
    },
    /// The silence beyond which a feed is told of.
    Silence {
        /// In ms of business time.
        limit_ms: i64,
    },
}

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LifeStage {
    /// The condition holds, but not for long enough yet.
    Pending,
    /// It was told.
    Firing {
        /// How loudly.
        severity: Severity,
        /// Since when the condition no longer holds, if so.
        kept_since: Option<EventTime>,
    },
}

/// What is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// It began to fire, or became louder.
    Firing(Severity),
    /// It is over.
    Resolved(Severity),
}

/// Why an alert ends that nobody judges any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Its rule was switched off.
    RuleIsOff,
    /// The dimensions make no such segment any more.
    SegmentIsNotMade,
}

impl Ended {
    /// The last message of an alert, whose figures stay as they were `told` last.
    pub fn message(self, told: &Alert, at: EventTime, number: u32) -> Alert {
        let summary = match self {
            Ended::RuleIsOff => format!("Resolved: the rule {} was switched off.", told.rule),
            Ended::SegmentIsNotMade => {
                format!("Resolved: the funnel is no longer split so that there is {}.", told.segment)
            }
        };
        Alert {
            state: AlertState::Resolved,
            at,
            summary,
            advice: ADVICE_ENDED.to_owned(),
            definitions_version: number,
            ..told.clone()
        }
    }
}

/// What there is to do when an alert ends because the definitions have changed.
const ADVICE_ENDED: &str = "The definitions have changed, and nobody watches this any more. What the alert said last \
                            may still be so: look after it, or watch it by another rule or segment.";

/// Why an alert ends though what it told of is not known to be over: its last message says the truth of that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmended {
    /// The alert of a wider segment tells of it.
    ToldIn(Text),
    /// A wider segment breaks the rule as well, and is not told of, or not any more.
    BrokenIn(Text),
    /// What it counts does not come any more.
    NothingSeen {
        /// For how long.
        days: u16,
    },
}

impl Unmended {
    /// Puts it into the message of an alert that resolves.
    pub fn tell(&self, alert: &mut Alert) {
        let segment = &alert.segment;
        let (summary, advice) = match self {
            Unmended::ToldIn(wider) => (
                format!("Resolved: it is not over in {segment}; from now on the alert of {wider} tells of it."),
                format!("Nothing is mended yet. Follow the alert of {wider}: while it lasts, {segment} keeps quiet."),
            ),
            Unmended::BrokenIn(wider) => (
                format!(
                    "Resolved: it is not over in {segment}, but {wider} breaks the rule as well: if it stays so, one \
                     of the two will be told of."
                ),
                "Nothing is mended yet. Go on with what the alert asked for.".to_owned(),
            ),
            Unmended::NothingSeen { days } => (
                format!("Resolved: nothing of it has been seen for {days} days."),
                "Nothing is known to be mended: what the alert counts does not come any more, or nobody records it. If \
                 it comes again, it is watched anew."
                    .to_owned(),
            ),
        };
        alert.summary = summary;
        alert.advice = advice;
    }
}

/// The time that rules let pass, measured in the rule's own (business) time.
pub struct Patience<'a> {
    /// Milliseconds from a time to now.
    pub elapsed_ms: &'a dyn Fn(EventTime) -> i64,
    /// How long the condition must hold before it fires.
    pub for_ms: i64,
    /// How long it must be gone before it resolves.
    pub clear_ms: i64,
    /// Whether an alert may begin to fire now.
    pub may_begin: bool,
}

/// One evaluation: the life after it, and what is to be told.
pub fn step(
    life: Option<Life>,
    verdict: Verdict,
    now: EventTime,
    frozen: Option<Frozen>,
    patience: &Patience<'_>,
) -> (Option<Life>, Option<Message>) {
    let holds = match verdict {
        Verdict::NoData => return (life, None),
        Verdict::Broken(severity) => Some(severity),
        Verdict::Kept | Verdict::Learning => None,
    };
    match (life, holds) {
        (None, None) => (None, None),
        (None, Some(severity)) => begin(
            Life { stage: LifeStage::Pending, since: now, frozen, told: None, sum: None },
            severity,
            patience,
        ),
        (Some(Life { stage: LifeStage::Pending, .. }), None) => (None, None),
        (Some(life @ Life { stage: LifeStage::Pending, .. }), Some(severity)) => {
            begin(life, severity, patience)
        }
        (Some(life @ Life { stage: LifeStage::Firing { severity, .. }, .. }), Some(now_severity)) => {
            let louder = now_severity.max(severity);
            let stage = LifeStage::Firing { severity: louder, kept_since: None };
            let message = (louder > severity).then_some(Message::Firing(louder));
            (Some(Life { stage, ..life }), message)
        }
        (Some(life @ Life { stage: LifeStage::Firing { severity, kept_since }, .. }), None) => {
            let kept_since = kept_since.unwrap_or(now);
            if (patience.elapsed_ms)(kept_since) >= patience.clear_ms {
                return (None, Some(Message::Resolved(severity)));
            }
            let stage = LifeStage::Firing { severity, kept_since: Some(kept_since) };
            (Some(Life { stage, ..life }), None)
        }
    }
}

fn begin(life: Life, severity: Severity, patience: &Patience<'_>) -> (Option<Life>, Option<Message>) {
    if !patience.may_begin || (patience.elapsed_ms)(life.since) < patience.for_ms {
        return (Some(life), None);
    }
    let stage = LifeStage::Firing { severity, kept_since: None };
    (Some(Life { stage, ..life }), Some(Message::Firing(severity)))
}

/// What an alert is about: there is one alert of each at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The rule.
    pub rule: Rule,
    /// The segment.
    pub segment: Text,
    /// The campaign, reason, stage or source; empty for rules that speak of the segment itself.
    pub subject: Text,
}

impl Identity {
    /// What a rule has to say of a segment itself.
    pub fn of_segment(rule: Rule, segment: &str) -> Identity {
        Identity { rule, segment: segment.into(), subject: Text::default() }
    }

    /// 16 hexadecimal digits over rule, segment and subject.
    pub fn fingerprint(&self) -> Text {
        use std::hash::Hasher as _;
        let mut hasher = siphasher::sip::SipHasher13::new();
        for part in [self.rule.name(), self.segment.as_str(), self.subject.as_str()] {
            hasher.write_usize(part.len());
            hasher.write(part.as_bytes());
        }
        compact_str::format_compact!("{:016x}", hasher.finish())
    }

    /// The record that tells `message`.
    pub fn alert(
        &self,
        message: Message,
        since: EventTime,
        at: EventTime,
        measured: Measured,
        number: u32,
    ) -> Alert {
        let at_risk = measured.sum.most_at_risk();
        let (state, severity, summary, advice) = match message {
            Message::Firing(severity) => (AlertState::Firing, severity, measured.summary, measured.advice),
            Message::Resolved(severity) => {
                let resolved = measured.resolved;
                (AlertState::Resolved, severity, resolved.says, resolved.advice.to_owned())
            }
        };
        Alert {
            fingerprint: self.fingerprint(),
            rule: self.rule.name().into(),
            sign: self.rule.sign(),
            segment: self.segment.clone(),
            subject: Some(self.subject.clone()).filter(|subject| !subject.is_empty()),
            state,
            severity,
            since,
            at,
            value: measured.value,
            baseline: measured.baseline,
            threshold: measured.threshold,
            interval_low: measured.interval.map(|(low, _)| low),
            interval_high: measured.interval.map(|(_, high)| high),
            n: measured.n,
            excluded_immature: measured.excluded_immature,
            window_start: measured.window.0,
            window_end: measured.window.1,
            summary,
            advice,
            evidence: measured.evidence.ids,
            owner_team: measured.owner,
            cost_at_risk_minor: at_risk.map(|AtRisk { minor, .. }| minor),
            currency: at_risk.map(|AtRisk { currency, .. }| currency),
            catching_up: false,
            definitions_version: number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(verdicts: &[(i64, Verdict)]) -> Vec<(i64, Message)> {
        let mut life = None;
        let mut told = Vec::new();
        for &(minute, verdict) in verdicts {
            let now = EventTime(minute * 60_000);
            let elapsed = |from: EventTime| now.0 - from.0;
            let patience = Patience {
                elapsed_ms: &elapsed,
                for_ms: 10 * 60_000,
                clear_ms: 20 * 60_000,
                may_begin: true,
            };
            let (next, message) = step(life, verdict, now, None, &patience);
            life = next;
            told.extend(message.map(|m| (minute, m)));
        }
        told
    }

    const PAGE: Verdict = Verdict::Broken(Severity::Page);
    const TICKET: Verdict = Verdict::Broken(Severity::Ticket);

    #[test]
    fn it_fires_after_it_held_and_resolves_after_it_was_gone() {
        let told = play(&[
            (0, TICKET),
            (5, TICKET),
            (10, TICKET),
            (15, Verdict::Kept),
            (30, TICKET),
            (35, PAGE),
            (40, Verdict::Kept),
            (55, Verdict::Kept),
            (60, Verdict::Kept),
            (65, Verdict::Kept),
        ]);
        assert_eq!(
            told,
            [
                (10, Message::Firing(Severity::Ticket)),
                (35, Message::Firing(Severity::Page)),
                (60, Message::Resolved(Severity::Page)),
            ]
        );
    }

    #[test]
    fn a_breach_that_goes_while_pending_is_never_told() {
        assert_eq!(play(&[(0, PAGE), (5, Verdict::Kept), (10, PAGE), (15, Verdict::Learning)]), []);
    }

    #[test]
    fn without_data_nothing_changes() {
        let told = play(&[(0, PAGE), (10, PAGE), (15, Verdict::NoData), (90, Verdict::NoData)]);
        assert_eq!(told, [(10, Message::Firing(Severity::Page))]);
    }
}
