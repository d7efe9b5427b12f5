//! What the demo prints: where to look, the days as they pass, each alert with its reasons, and at the end
//! whether the story was understood.

use std::net::SocketAddr;

use crate::commands::say::say_line;
use crate::model::alert::{Alert, AlertState, Severity};
use crate::model::window::WindowResult;
use crate::model::{DAY_MS, EventTime, Text};
use crate::serve::picture::Picture;
use crate::simulator::Scenario;

/// A line about the days is printed each time so many have passed.
const DAYS_A_LINE: i64 = 2;

/// What has been printed so far.
pub struct Screen {
    start: EventTime,
    onset: EventTime,
    second_onset: EventTime,
    last_day: i64,
    alerts: Vec<Alert>,
    said_told: bool,
}

impl Screen {
    /// Prints where to look.
    pub fn begin(scenario: &Scenario, page: SocketAddr, bootstrap_servers: &str, seconds: u64) -> Screen {
        let (onset, second_onset) =
            (scenario.day(scenario.onset_day), scenario.day(scenario.second_onset_day));
        say_line!("rapport demo: eight weeks of a company whose two teams fall out, in {seconds} seconds\n");
        say_line!("  page      http://{page}/");
        say_line!("  metrics   http://{page}/metrics");
        say_line!(
            "  kafka     {bootstrap_servers}  (topics rapport.alerts, rapport.windows, crm.events …)\n"
        );
        say_line!("  {}  a healthy month begins", date(scenario.start));
        say_line!(
            "  {}  marketing will open the floodgates: twice the MQLs, few of them any good",
            date(onset)
        );
        say_line!("  {}  sales will begin to come late\n", date(second_onset));
        Screen {
            start: scenario.start,
            onset,
            second_onset,
            last_day: -1,
            alerts: Vec::new(),
            said_told: false,
        }
    }

    /// Prints what is new in the picture.
    pub fn show(&mut self, picture: &Picture) {
        let mut new: Vec<Alert> =
            picture.alerts.history().filter(|alert| !self.knows(alert)).cloned().collect();
        new.sort_by_key(|alert| alert.at);
        if let Some(all) = picture.funnel.segment("all") {
            let get =
                |measure: &str, window: &str| all.results.get(&(Text::from(measure), Text::from(window)));
            self.day(picture, &get);
        }
        for alert in new {
            print_alert(&alert);
            self.alerts.push(alert);
        }
    }

    fn knows(&self, alert: &Alert) -> bool {
        self.alerts.iter().any(|known| {
            (known.at, &known.fingerprint, known.state) == (alert.at, &alert.fingerprint, alert.state)
        })
    }

    fn day<'a>(&mut self, picture: &Picture, get: &dyn Fn(&str, &str) -> Option<&'a WindowResult>) {
        let Some(aligned) = picture.segments.and_then(|figures| figures.aligned) else { return };
        let day = (aligned.start().0 - self.start.0).div_euclid(DAY_MS);
        if day < 0 || day / DAYS_A_LINE == self.last_day / DAYS_A_LINE && self.last_day >= 0 {
            return;
        }
        self.last_day = day;
        let value = |measure: &str, window: &str| get(measure, window).and_then(|result| result.value);
        let count = |v: Option<f64>| v.map_or("–".to_owned(), |v| format!("{v:.0}"));
        let share = |v: Option<f64>| v.map_or("–".to_owned(), |v| format!("{:.0} %", v * 100.0));
        say_line!(
            "  {}  MQLs in 7 days {:>4}   become SQLs {:>5}   touched in time {:>5}   won in 28 days {:>3}",
            date(aligned.start()),
            count(value("entered_mql", "7d")),
            share(value("mql_to_sql_kaplan_meier", "42d")),
            share(value("first_touch_attainment", "28d")),
            count(value("deals_won", "28d")),
        );
    }

    /// Says once that the story is told.
    pub fn story_is_told(&mut self, is_the_end: bool) {
        if !self.said_told {
            self.said_told = true;
            say_line!("\n  The story is told.");
            if !is_the_end {
                say_line!("  The page stays; press Ctrl-C to end.");
            }
        }
    }

    /// Prints the summary. An error says what was not understood.
    pub fn summary(&self) -> Result<(), String> {
        let fired = |rule: &str, from: EventTime| {
            self.alerts
                .iter()
                .filter(|a| a.rule == rule && a.state == AlertState::Firing && a.at >= from)
                .count()
        };
        let early = self.alerts.iter().filter(|alert| alert.at < self.onset).count();
        let (divergence, first_touch) =
            (fired("divergence", self.onset), fired("first_touch_slo", self.second_onset));
        say_line!("\n  Alerts in the healthy month:                         {early}");
        say_line!("  divergence, after the flood began on {}:      {divergence}", date(self.onset));
        say_line!("  first_touch_slo, after sales slowed on {}:    {first_touch}", date(self.second_onset));
        match (early, divergence, first_touch) {
            (0, 1.., 1..) => Ok(()),
            (0, ..) => Err("an alert that the story plants did not come".to_owned()),
            _ => Err("an alert came in the healthy month".to_owned()),
        }
    }
}

fn print_alert(alert: &Alert) {
    let what = match (alert.state, alert.severity) {
        (AlertState::Resolved, _) => "RESOLVED",
        (_, Severity::Page) => "PAGE",
        (_, Severity::Ticket) => "TICKET",
        (_, Severity::Info) => "INFO",
    };
    say_line!("\n  ▌ {what}  {}  ·  {}  ·  sign {}", alert.rule, alert.segment, alert.sign);
    say_line!("  ▌ {}  {}", date(alert.at), alert.summary);
    if alert.state == AlertState::Firing {
        say_line!("  ▌ {}", alert.advice);
        if !alert.evidence.is_empty() {
            let ids: Vec<&str> = alert.evidence.iter().take(5).map(Text::as_str).collect();
            say_line!("  ▌ for example {}", ids.join(", "));
        }
    }
    say_line!();
}

fn date(at: EventTime) -> String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let weekday = days[at.0.div_euclid(DAY_MS).rem_euclid(7) as usize];
    format!("{weekday} {}", &at.rfc3339()[..10])
}
