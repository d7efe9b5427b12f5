//! What was found in each company, and what that sums up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::funnel::terms::Terms;
use rapport::model::DAY_MS;
use rapport::model::alert::{Alert, OwnerTeam, Severity};
use rapport::simulator::grading::{self, Episode, Grade};
use rapport::simulator::{Planted, Scenario};

use serde::{Deserialize, Serialize};

use crate::plan::{Group, Plan, Seeds};
use crate::play;
use crate::yardstick::{self, Best};

/// A month, in days: a twelfth of a year.
pub const MONTH_DAYS: f64 = 30.44;
/// The budget of pages of a company-month, by which first touches are measured.
pub const TOUCH_BUDGET: f64 = 0.1;

/// A company that is played.
#[derive(Clone, Debug)]
pub struct Company {
    /// What its group is called.
    pub name: String,
    /// The rule that is to find what is planted; empty where nothing is.
    pub rule: String,
    /// What is played.
    pub scenario: Scenario,
}

impl Company {
    /// How long it takes to play it, by and large.
    pub fn weight(&self) -> f64 {
        f64::from(self.scenario.days) * (self.scenario.company.leads_per_business_day + 20.0)
    }
}

/// So many healthy groups are played in a quick run, of companies up to this size.
const QUICK_GROUPS: usize = 4;
const QUICK_LEADS: f64 = 50.0;

/// The companies that are asked for. A quick run has one of each of the first healthy groups and one for each rule.
pub fn companies(plan: &Plan, seeds: Seeds, quick: bool, only: Option<&str>) -> Vec<Company> {
    // Each with its place in the file, which says its seeds.
    let mut groups: Vec<(usize, &Group)> = Vec::new();
    if only.is_none_or(|only| only == "healthy") {
        let is_small = |group: &Group| group.scenarios[0].company.leads_per_business_day <= QUICK_LEADS;
        let healthy = plan.healthy.iter().enumerate().filter(|(_, group)| !quick || is_small(group));
        groups.extend(healthy.take(if quick { QUICK_GROUPS } else { usize::MAX }));
    }
    let planted = (plan.healthy.len()..).zip(&plan.planted);
    for (place, group) in planted.filter(|(_, group)| only.is_none_or(|only| group.rule == only)) {
        if !quick || groups.iter().all(|(_, before)| before.rule != group.rule) {
            groups.push((place, group));
        }
    }
    let mut all = Vec::new();
    for (place, group) in groups {
        for scenario in &group.scenarios[..if quick { 1 } else { group.scenarios.len() }] {
            for n in 0..if quick { 1 } else { group.seeds } {
                let scenario = Scenario { seed: seeds.first(place) + n, ..scenario.clone() };
                all.push(Company { name: group.name.clone(), rule: group.rule.clone(), scenario });
            }
        }
    }
    all
}

/// What was found in a company.
#[derive(Serialize, Deserialize)]
pub struct Finding {
    /// Every alert.
    pub episodes: Vec<Episode>,
    /// What each is, held against the truth.
    pub grades: Vec<Grade>,
    /// The planted periods of the company's rule.
    pub onsets: Vec<Onset>,
    /// How many records were played.
    pub records: u64,
}

/// A planted period of the rule that is to find it.
#[derive(Serialize, Deserialize)]
pub struct Onset {
    /// How many days it took until it was found, if it was.
    pub days: Option<f64>,
    /// Whether the alert calls the team that is to blame; `None` where the truth names none, or nothing was found.
    pub calls_the_right_team: Option<bool>,
    /// Whether the alert names the place; `None` where nothing was found.
    pub names_the_place: Option<bool>,
    /// The best that can be.
    pub best: Best,
}

/// Plays a company and looks what was found.
pub fn of(company: &Company, terms: &Arc<Terms>) -> Result<Finding, String> {
    let played = play::play(company.scenario.clone(), terms)?;
    let graded = grading::grade(&played.episodes, &played.truth.periods, &played.truth.side_effects);
    let mine = |period: &&Planted| period.rule == company.rule.as_str();
    if !company.rule.is_empty() && !played.truth.periods.iter().any(|period| mine(&period)) {
        return Err(format!("{} is to be found, but {} plants none", company.rule, company.scenario.plot));
    }
    let onset = |(period, found): (&Planted, &Option<usize>)| {
        let episode = found.map(|found| &played.episodes[found]);
        Onset {
            days: episode.map(|episode| (episode.at.0 - period.from.0) as f64 / DAY_MS as f64),
            calls_the_right_team: episode
                .zip(period.owner_team.as_deref())
                .map(|(e, team)| calls(e.owner, team)),
            names_the_place: episode.map(|episode| names(&played.alerts, episode, &place_of(period))),
            best: yardstick::best(&played, period, TOUCH_BUDGET).unwrap_or_default(),
        }
    };
    let periods = played.truth.periods.iter().zip(&graded.found_by);
    let onsets = periods.filter(|(period, _)| mine(period)).map(onset).collect();
    Ok(Finding { grades: graded.grades, onsets, records: played.records, episodes: played.episodes })
}

/// Where a planted fault lies: a flood comes from one source, wherever it is felt.
fn place_of(period: &Planted) -> String {
    match (period.rule.as_str(), &period.subject) {
        ("divergence", Some(source)) => format!("source={source}"),
        _ => period.segment.to_string(),
    }
}

/// Whether the first message of an alert says where a fault lies. Of one that lies everywhere an alert of a segment
/// may say that it is not only there.
fn names(alerts: &[Alert], episode: &Episode, place: &str) -> bool {
    let is_first = |alert: &&Alert| alert.fingerprint == episode.fingerprint && alert.at == episode.at;
    let Some(alert) = alerts.iter().find(is_first) else { return false };
    let (_, said) = alert.summary.split_once(" It lies in ").unwrap_or_default();
    match said.split(": ").next().unwrap_or_default() {
        "" => alert.segment == place || (place == "all" && alert.summary.contains(" It is not only there: ")),
        said => said == place,
    }
}

fn calls(owner: OwnerTeam, team: &str) -> bool {
    matches!(
        (owner, team),
        (OwnerTeam::Sales, "sales")
            | (OwnerTeam::Marketing, "marketing")
            | (OwnerTeam::Operations, "operations")
    )
}

/// Counts of alerts over some company-months.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alerts {
    /// Pages.
    pub pages: usize,
    /// Tickets.
    pub tickets: usize,
    /// For the record.
    pub info: usize,
}

impl Alerts {
    fn count(&mut self, severity: Severity) {
        match severity {
            Severity::Page => self.pages += 1,
            Severity::Ticket => self.tickets += 1,
            Severity::Info => self.info += 1,
        }
    }
}

/// The healthy companies of one case.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// How many there are.
    pub companies: usize,
    /// How many months of them count.
    pub months: f64,
    /// What was told in them.
    pub alerts: Alerts,
    /// By rule.
    pub rules: BTreeMap<String, Alerts>,
}

/// A rule and a dose.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// How many companies there are.
    pub companies: usize,
    /// How many onsets they have.
    pub onsets: usize,
    /// How many of these were found.
    pub found: usize,
    /// How many more alerts told of them.
    pub again: usize,
    /// How many alerts were to call a certain team, and how many did.
    pub teams: (usize, usize),
    /// How many alerts name the place.
    pub placed: usize,
    /// Half of all onsets were found no later; `None` if more were missed.
    pub median: Option<f64>,
    /// The same of the best.
    pub best: Option<f64>,
    /// False alarms of any rule, after the warm-up.
    pub falsely: usize,
}

/// Everything.
pub struct Figures {
    /// Healthy companies by case, in the order of the file.
    pub healthy: Vec<(String, Case)>,
    /// Each alert of a healthy company: where, and what.
    pub wolves: Vec<String>,
    /// Planted faults: case, rule, size, segment, dose.
    pub planted: Vec<(String, String, f64, String, f64, Row)>,
    /// Of each onset its rule, and how much longer it took than the best in the same company; infinite if it was missed.
    pub ratios: Vec<(String, f64)>,
    /// Each onset that was missed, and why.
    pub missed: Vec<String>,
    /// Seeds from and to.
    pub seeds: (u64, u64),
    /// How many companies and records were played.
    pub played: (usize, u64),
}

impl Figures {
    /// Sums up.
    pub fn new(plan: &Plan, pairs: &[(&Company, Finding)]) -> Figures {
        let seeds = || pairs.iter().map(|(company, _)| company.scenario.seed);
        let mut figures = Figures {
            healthy: Vec::new(),
            wolves: Vec::new(),
            planted: Vec::new(),
            ratios: Vec::new(),
            missed: Vec::new(),
            seeds: (seeds().min().unwrap_or(0), seeds().max().unwrap_or(0)),
            played: (pairs.len(), pairs.iter().map(|(_, finding)| finding.records).sum()),
        };
        let mut delays: Vec<(Vec<f64>, Vec<f64>)> = Vec::new();
        for (company, finding) in pairs {
            match company.rule.is_empty() {
                true => figures.add_healthy(plan, company, finding),
                false => figures.add_planted(plan, company, finding, &mut delays),
            }
        }
        for ((_, _, _, _, _, row), (found, best)) in figures.planted.iter_mut().zip(&mut delays) {
            row.median = median(found);
            row.best = median(best);
        }
        figures
    }

    fn add_healthy(&mut self, plan: &Plan, company: &Company, finding: &Finding) {
        let place = self.healthy.iter().position(|(case, _)| *case == company.name).unwrap_or_else(|| {
            self.healthy.push((company.name.clone(), Case::default()));
            self.healthy.len() - 1
        });
        let case = &mut self.healthy[place].1;
        let counts_from = company.scenario.day(plan.warmup_days);
        case.companies += 1;
        case.months += f64::from(company.scenario.days.saturating_sub(plan.warmup_days)) / MONTH_DAYS;
        for episode in finding.episodes.iter().filter(|episode| episode.at >= counts_from) {
            case.alerts.count(episode.severity);
            case.rules.entry(episode.rule.to_string()).or_default().count(episode.severity);
            let subject = episode.subject.as_ref().map_or_else(String::new, |subject| format!(" {subject}"));
            self.wolves.push(format!(
                "{} | {} | {} | {} | {}{subject} | {} | day {}",
                company.name,
                company.scenario.company.leads_per_business_day,
                company.scenario.seed,
                episode.rule,
                episode.segment,
                episode.severity.as_str(),
                (episode.at.0 - company.scenario.start.0) / DAY_MS,
            ));
        }
    }

    fn add_planted(
        &mut self,
        plan: &Plan,
        company: &Company,
        finding: &Finding,
        delays: &mut Vec<(Vec<f64>, Vec<f64>)>,
    ) {
        let scenario = &company.scenario;
        let (size, segment) = (scenario.company.leads_per_business_day, scenario.segment.to_string());
        let is_it = |(case, rule, leads, of, dose, _): &(String, String, f64, String, f64, Row)| {
            (case, rule, *leads, of, *dose) == (&company.name, &company.rule, size, &segment, scenario.dose)
        };
        let place = self.planted.iter().position(is_it).unwrap_or_else(|| {
            let (case, rule) = (company.name.clone(), company.rule.clone());
            self.planted.push((case, rule, size, segment.clone(), scenario.dose, Row::default()));
            delays.push((Vec::new(), Vec::new()));
            self.planted.len() - 1
        });
        let row = &mut self.planted[place].5;
        row.companies += 1;
        let from = scenario.day(plan.warmup_days);
        let falsely = |(episode, grade): &(&Episode, &Grade)| **grade == Grade::False && episode.at >= from;
        let graded = || finding.episodes.iter().zip(&finding.grades);
        row.falsely += graded().filter(falsely).count();
        let again = |(episode, grade): &(&Episode, &Grade)| {
            **grade == Grade::Again && episode.rule == company.rule.as_str()
        };
        row.again += graded().filter(again).count();
        for Onset { days, calls_the_right_team, names_the_place, best } in &finding.onsets {
            row.onsets += 1;
            row.placed += usize::from(*names_the_place == Some(true));
            row.found += usize::from(days.is_some());
            row.teams.0 += usize::from(calls_the_right_team.is_some());
            row.teams.1 += usize::from(*calls_the_right_team == Some(true));
            if let Some(best) = best.days.filter(|best| *best > 0.0) {
                let ratio = days.map_or(f64::INFINITY, |days| days / best);
                self.ratios.push((company.rule.clone(), ratio));
            }
            delays[place].0.push(days.unwrap_or(f64::INFINITY));
            delays[place].1.push(best.days.unwrap_or(f64::INFINITY));
            if days.is_none() {
                let ideal = best.days.map_or("never".to_owned(), |days| format!("after {days:.1} days"));
                self.missed.push(format!(
                    "{} | {} | {size} | {segment} | {} | {} | {ideal} | {}",
                    company.rule, company.name, scenario.dose, scenario.seed, best.why
                ));
            }
        }
    }
}

/// Says of each onset when it was found, when it could have been, and what the best chart knew.
pub fn say_why(company: &Company, finding: &Finding) {
    for Onset { days, best, .. } in &finding.onsets {
        let in_days = |days: Option<f64>| days.map_or("never".to_owned(), |days| format!("{days:.2}"));
        let scenario = &company.scenario;
        eprintln!(
            "{} dose {} leads {} seed {}: {} days, best {}: {}",
            company.name,
            scenario.dose,
            scenario.company.leads_per_business_day,
            scenario.seed,
            in_days(*days),
            in_days(best.days),
            best.why
        );
    }
}

/// The middle one; `None` where that is a company in which nothing was found.
pub fn median(delays: &mut [f64]) -> Option<f64> {
    delays.sort_by(f64::total_cmp);
    let middle = delays.len() / 2;
    let median = match delays.len() {
        0 => return None,
        n if n % 2 == 0 => (delays[middle - 1] + delays[middle]) / 2.0,
        _ => delays[middle],
    };
    median.is_finite().then_some(median)
}
