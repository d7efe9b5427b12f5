//! Which plot plants which fault, and what a rule should say of it.

use super::{Fault, Faults, ONE_REASON, Scope, Spell, flooding_source};
use crate::model::EventTime;
use crate::model::words::{Family, Stage};
use crate::model::{DAY_MS, Text};
use crate::simulator::plot::Plot;
use crate::simulator::programs::{Campaign, revenue_targets};
use crate::simulator::scenario::Scenario;
use crate::simulator::truth::Planted;

/// For how long a launch is news: five business days and the weekend.
const NEWS_MS: i64 = 7 * DAY_MS;

/// The faults of a plot, each with the day of its onset.
pub(super) fn faults(scenario: &Scenario) -> Vec<(Fault, u32)> {
    let onset = scenario.onset_day;
    let all: &[Fault] = match scenario.plot {
        Plot::Healthy => &[],
        Plot::MqlTunnelVision | Plot::Divergence => &[Fault::Flood],
        Plot::SlowFirstTouch | Plot::FirstTouchSlo => &[Fault::SlowFirstTouch],
        Plot::SilentSales | Plot::SilentLeads => &[Fault::Silence],
        Plot::IncuriousMarketing => &[Fault::OneReason, Fault::NoPlaybook, Fault::Absence],
        Plot::ShadowContent | Plot::SalesAuthoredShare => &[Fault::ShadowContent],
        Plot::FallingOut => {
            return vec![(Fault::Flood, onset), (Fault::SlowFirstTouch, scenario.second_onset_day)];
        }
        Plot::RevenuePace => &[Fault::LostRevenue],
        Plot::NoRevenueTarget => &[Fault::NoRevenueTarget],
        Plot::FirstTouchSloRouting => &[Fault::SlowRouting],
        Plot::FirstTouchSloUnassigned => &[Fault::NoRouting],
        Plot::FirstTouchSloSurge => &[Fault::Surge],
        Plot::ReasonlessRejections => &[Fault::Reasonless],
        Plot::LaunchWithoutNotice => &[Fault::NoNotice],
        Plot::LaunchWithoutNoticeShort => &[Fault::ShortNotice],
        Plot::UnansweredRejections => &[Fault::OneReason, Fault::Unanswered],
        Plot::StageAgeing => &[Fault::Ageing(Stage::Sal)],
        Plot::StageAgeingSql => &[Fault::Ageing(Stage::Sql)],
        Plot::StageAgeingOpportunity => &[Fault::Ageing(Stage::Opportunity)],
        Plot::AbsentAfterHandoff => &[Fault::Absence],
        Plot::DeadLibrary => &[Fault::DeadLibrary],
        Plot::NoData => &[Fault::NoData(Family::Touches)],
        Plot::NoDataSalesTouches => &[Fault::NoData(Family::SalesTouches)],
        Plot::NoDataLeads => &[Fault::NoData(Family::Leads)],
        Plot::NoDataVerdicts => &[Fault::NoData(Family::Verdicts)],
        Plot::NoDataDeals => &[Fault::NoData(Family::Deals)],
        Plot::NoDataContent => &[Fault::NoData(Family::Content)],
    };
    all.iter().map(|&fault| (fault, onset)).collect()
}

impl Plot {
    /// Whether what it plants concerns the company as a whole, and cannot be planted in a segment.
    pub fn is_of_all_alone(self) -> bool {
        matches!(
            self,
            Plot::RevenuePace
                | Plot::NoRevenueTarget
                | Plot::FirstTouchSloSurge
                | Plot::LaunchWithoutNotice
                | Plot::LaunchWithoutNoticeShort
                | Plot::DeadLibrary
                | Plot::NoData
                | Plot::NoDataSalesTouches
                | Plot::NoDataLeads
                | Plot::NoDataVerdicts
                | Plot::NoDataDeals
                | Plot::NoDataContent
        )
    }
}

/// What a rule should say of a fault, if one should.
fn says(scenario: &Scenario, spell: &Spell) -> Option<(u8, &'static str, Option<Text>)> {
    let company = &scenario.company;
    Some(match spell.fault {
        Fault::Flood => {
            (1, "divergence", Some(company.sources[flooding_source(scenario, spell.scope)].name.clone()))
        }
        Fault::LostRevenue => (1, "revenue_pace", Some(company.currency.as_str().into())),
        Fault::SlowFirstTouch | Fault::SlowRouting | Fault::NoRouting | Fault::Surge => {
            (2, "first_touch_slo", None)
        }
        Fault::Silence => (2, "silent_leads", None),
        Fault::Reasonless => (2, "reasonless_rejections", None),
        Fault::OneReason => (3, "unanswered_rejections", Some(ONE_REASON.into())),
        Fault::Ageing(stage) => (3, "stage_ageing", Some(stage.as_str().into())),
        Fault::Absence => (3, "absent_after_handoff", None),
        Fault::ShadowContent => (4, "sales_authored_share", None),
        Fault::DeadLibrary => (4, "dead_library", None),
        Fault::NoData(family) => (0, "no_data", Some(compact_str::format_compact!("direct {family}"))),
        // Told by campaign and by period; and what goes with another fault.
        Fault::NoNotice | Fault::ShortNotice | Fault::NoRevenueTarget => return None,
        Fault::Unanswered | Fault::NoPlaybook => return None,
    })
}

/// What may rightly be said of a fault beside what it is about.
fn side_effects(fault: Fault) -> &'static [(u8, &'static str, Option<&'static str>)] {
    match fault {
        // Those that come to nothing leave MQL later than those that are qualified.
        Fault::Flood => &[(3, "stage_ageing", Some("mql"))],
        // What nobody judges stays where it is.
        Fault::Silence => &[
            (3, "stage_ageing", Some("mql")),
            (3, "stage_ageing", Some("sal")),
            (3, "stage_ageing", Some("sql")),
        ],
        // What is found late is judged late.
        Fault::SlowRouting | Fault::NoRouting => {
            &[(3, "stage_ageing", Some("mql")), (2, "silent_leads", None)]
        }
        Fault::SlowFirstTouch | Fault::Surge => {
            &[(3, "stage_ageing", Some("mql")), (2, "silent_leads", None)]
        }
        // What sales writes itself is used in place of the rest.
        Fault::ShadowContent => &[(4, "dead_library", None)],
        _ => &[],
    }
}

impl Faults {
    /// The answer key.
    pub(in crate::simulator) fn planted(&self, scenario: &Scenario, campaigns: &[Campaign]) -> Vec<Planted> {
        let mut all = Vec::new();
        for spell in self.spells() {
            if let Some((sign, rule, subject)) = says(scenario, spell) {
                all.push(planted(scenario, spell, (sign, rule), subject));
            }
            match spell.fault {
                Fault::NoNotice | Fault::ShortNotice => {
                    let late = campaigns.iter().filter(|campaign| campaign.is_late);
                    all.extend(late.filter(|late| late.launched_at < scenario.end()).map(|campaign| {
                        let (from, to) = (campaign.launched_at, campaign.launched_at.plus_ms(NEWS_MS));
                        let subject = Some(campaign.id.clone());
                        let (from, to) = (from, (to < scenario.end()).then_some(to));
                        Planted {
                            from,
                            to,
                            ..planted(scenario, spell, (2, "launch_without_notice"), subject)
                        }
                    }));
                }
                Fault::NoRevenueTarget => {
                    let mut periods = revenue_targets(scenario, self).into_iter();
                    let first = periods.find(|(from, is_set)| !is_set && *from < scenario.end());
                    let next = periods.find(|(_, is_set)| *is_set);
                    all.extend(first.map(|(from, _)| Planted {
                        from,
                        to: next.map(|(from, _)| from).filter(|to| *to < scenario.end()),
                        ..planted(scenario, spell, (1, "no_revenue_target"), None)
                    }));
                }
                _ => {}
            }
        }
        all
    }

    /// What may rightly be said beside it.
    pub(in crate::simulator) fn side_effects(&self, scenario: &Scenario) -> Vec<Planted> {
        let of = |spell: &Spell| -> Vec<Planted> {
            let effects = side_effects(spell.fault).iter();
            let effect = |&(sign, rule, subject): &(u8, &'static str, Option<&str>)| {
                planted(scenario, spell, (sign, rule), subject.map(Into::into))
            };
            effects.map(effect).collect()
        };
        self.spells().iter().flat_map(of).collect()
    }
}

fn planted(
    scenario: &Scenario,
    spell: &Spell,
    (sign, rule): (u8, &'static str),
    subject: Option<Text>,
) -> Planted {
    let owner = match spell.fault {
        Fault::SlowFirstTouch => Some("sales"),
        Fault::SlowRouting | Fault::NoRouting => Some("operations"),
        Fault::Surge => Some("marketing"),
        _ => None,
    };
    let to: EventTime = spell.to;
    let segment = if spell.scope == Scope::All { "all".into() } else { scenario.segment.to_string().into() };
    Planted {
        sign,
        rule: rule.into(),
        segment,
        subject,
        from: spell.from,
        to: (to < scenario.end()).then_some(to),
        dose: spell.dose,
        owner_team: owner.filter(|_| rule == "first_touch_slo").map(Into::into),
    }
}
