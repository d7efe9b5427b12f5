//! The company when all is well: how many leads from where, how good they are, who works when, and
//! how often the CRM is mended by hand.

use super::sampling::LogNormal;
use super::scenario::{ScenarioError, check_rate, check_share};
use super::working_hours::WorkingHours;
use crate::model::Text;
use crate::model::money::Currency;

/// Where leads come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its name, the `source` of its leads.
    pub name: Text,
    /// Its part of the leads, as a weight.
    pub weight: f64,
    /// The share of its MQLs that become SQLs in their first cycle.
    pub mql_to_sql: f64,
}

/// Where leads are.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Its name, the attribute `region` of its leads.
    pub name: Text,
    /// Its part of the leads, as a weight.
    pub weight: f64,
}

/// How often the unusual happens, as shares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mishaps {
    /// Of leads: turned out to be the lead before it (`lead_merged`; half of them deleted afterwards).
    pub merged: f64,
    /// Of leads: should never have counted (`lead_deleted`).
    pub deleted: f64,
    /// Of leads: asked to be forgotten (`lead_erased`).
    pub erased: f64,
    /// Of recycled MQLs: became an MQL again weeks later.
    pub requalified: f64,
    /// Of deals: opened without naming their lead, linked to it afterwards.
    pub linked: f64,
    /// Of the linked deals: linked to the lead before it first.
    pub relinked: f64,
    /// Of deals: opened by mistake (`deal_deleted`).
    pub deals_deleted: f64,
    /// Of deals: to be forgotten (`deal_erased`).
    pub deals_erased: f64,
}

/// The company when all is well.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// Leads that arrive on a day from Monday to Friday, around the clock.
    pub leads_per_business_day: f64,
    /// Leads of a Saturday or Sunday, as a share of a business day's.
    pub weekend_share: f64,
    /// When people work. Leads arrive at any time.
    pub hours: WorkingHours,
    /// When sales works, if not then.
    pub sales_hours: Option<WorkingHours>,
    /// Where leads come from.
    pub sources: Vec<Source>,
    /// Where leads are.
    pub regions: Vec<Region>,
    /// Sales representatives: `rep-01`, `rep-02`, …
    pub reps: u32,
    /// The share of leads that become MQLs.
    pub lead_to_mql: f64,
    /// The share of SQLs that become won deals.
    pub sql_to_won: f64,
    /// How long leads and deals take on their way, as a multiple of the usual.
    pub slowness: f64,
    /// The share of first touches that are late beside the usual ones.
    pub slow_touches: f64,
    /// Whether targets, campaigns, changes of the playbook and content are recorded.
    pub records_programs: bool,
    /// Whether touches by marketing are recorded.
    pub records_marketing_touches: bool,
    /// Median value of a deal, in minor units of the currency.
    pub deal_median_minor: u32,
    /// The currency of deals and revenue targets.
    pub currency: Currency,
    /// How often the unusual happens.
    pub mishaps: Mishaps,
}

impl Default for Profile {
    /// 20 MQLs on a business day, of which 40 % become SQLs, of which 25 % are won.
    fn default() -> Profile {
        let source = |name: &str, weight, mql_to_sql| Source { name: name.into(), weight, mql_to_sql };
        let region = |name: &str, weight| Region { name: name.into(), weight };
        Profile {
            leads_per_business_day: 40.0,
            weekend_share: 0.25,
            hours: WorkingHours::default(),
            sales_hours: None,
            sources: vec![
                source("paid_search", 0.30, 0.36),
                source("organic", 0.25, 0.43),
                source("webinar", 0.20, 0.47),
                source("content_syndication", 0.15, 0.22),
                source("referral", 0.10, 0.575),
            ],
            regions: vec![region("emea", 0.45), region("amer", 0.35), region("apac", 0.20)],
            reps: 12,
            lead_to_mql: 0.5,
            sql_to_won: 0.25,
            slowness: 1.0,
            slow_touches: 0.0,
            records_programs: true,
            records_marketing_touches: true,
            deal_median_minor: 1_200_000,
            currency: Currency::parse("EUR").expect("EUR is a currency"),
            mishaps: Mishaps::default(),
        }
    }
}

impl Default for Mishaps {
    /// One lead in a hundred; every fifth deal is linked late.
    fn default() -> Mishaps {
        Mishaps {
            merged: 0.005,
            deleted: 0.003,
            erased: 0.002,
            requalified: 0.15,
            linked: 0.2,
            relinked: 0.03,
            deals_deleted: 0.003,
            deals_erased: 0.001,
        }
    }
}

impl Mishaps {
    /// Nothing unusual ever happens.
    pub fn none() -> Mishaps {
        Mishaps {
            merged: 0.0,
            deleted: 0.0,
            erased: 0.0,
            requalified: 0.0,
            linked: 0.0,
            relinked: 0.0,
            deals_deleted: 0.0,
            deals_erased: 0.0,
        }
    }

    fn check(&self) -> Result<(), ScenarioError> {
        check_share("merged + deleted + erased", self.merged + self.deleted + self.erased)?;
        check_share("deals_deleted + deals_erased", self.deals_deleted + self.deals_erased)?;
        for (field, share) in [
            ("merged", self.merged),
            ("deleted", self.deleted),
            ("erased", self.erased),
            ("requalified", self.requalified),
            ("linked", self.linked),
            ("relinked", self.relinked),
            ("deals_deleted", self.deals_deleted),
            ("deals_erased", self.deals_erased),
        ] {
            check_share(field, share)?;
        }
        Ok(())
    }
}

impl Profile {
    /// MQLs of a business day in the long run, those of the weekend spread over it.
    pub fn mqls_per_business_day(&self) -> f64 {
        self.leads_per_business_day * (5.0 + 2.0 * self.weekend_share) / 5.0 * self.lead_to_mql
    }

    /// When sales works.
    pub fn sales_hours(&self) -> WorkingHours {
        self.sales_hours.unwrap_or(self.hours)
    }

    /// A lag of this company.
    pub(super) fn lag(&self, usual: LogNormal) -> LogNormal {
        LogNormal { median: usual.median * self.slowness, ..usual }
    }

    /// The share of MQLs that become SQLs in their first cycle, over all sources.
    pub fn mql_to_sql(&self) -> f64 {
        let total: f64 = self.sources.iter().map(|source| source.weight).sum();
        self.sources.iter().map(|source| source.weight * source.mql_to_sql).sum::<f64>() / total
    }

    /// The place of the source whose MQLs are worth least; a flood comes from there.
    pub(super) fn poorest_source(&self) -> usize {
        let quality = |&place: &usize| self.sources[place].mql_to_sql;
        (0..self.sources.len()).min_by(|a, b| quality(a).total_cmp(&quality(b))).unwrap_or(0)
    }

    /// Refuses what cannot be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        check_rate("leads_per_business_day", self.leads_per_business_day, 10_000_000)?;
        check_share("weekend_share", self.weekend_share)?;
        check_share("lead_to_mql", self.lead_to_mql)?;
        check_share("sql_to_won", self.sql_to_won)?;
        check_choice("sources", self.sources.iter().map(|source| (&source.name, source.weight)))?;
        check_choice("regions", self.regions.iter().map(|region| (&region.name, region.weight)))?;
        for source in &self.sources {
            check_share("mql_to_sql", source.mql_to_sql)?;
        }
        if self.reps == 0 {
            return Err(ScenarioError::NoChoice("reps"));
        }
        check_share("slow_touches", self.slow_touches)?;
        check_rate("slowness", self.slowness, 100)?;
        if self.slowness == 0.0 {
            return Err(ScenarioError::ImpossibleRate { field: "slowness", max: 100 });
        }
        if !self.hours.is_possible() || !self.sales_hours().is_possible() {
            return Err(ScenarioError::NoWorkingHours);
        }
        self.mishaps.check()
    }
}

/// Refuses a list of names and weights from which nothing can be chosen.
fn check_choice<'a>(
    field: &'static str,
    entries: impl ExactSizeIterator<Item = (&'a Text, f64)>,
) -> Result<(), ScenarioError> {
    let few = (1..=255).contains(&entries.len());
    let mut all = true;
    for (name, weight) in entries {
        all &= (1..=64).contains(&name.len()) && weight > 0.0 && weight < 1e9;
    }
    if few && all { Ok(()) } else { Err(ScenarioError::NoChoice(field)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_company_is_the_one_that_is_described() {
        let company = Profile::default();
        assert!((company.mql_to_sql() - 0.4).abs() < 1e-9);
        assert!((company.mqls_per_business_day() - 22.0).abs() < 1e-9);
        assert_eq!(company.sources[company.poorest_source()].name, "content_syndication");
    }
}
