//! The real server on a port of its own, spoken to in plain HTTP.

mod alignment;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::health::Liveness;
use super::{HttpLimits, Served, serve};
use crate::model::alert::{AlertState, Severity};
use crate::model::definitions::Rules;
use crate::model::effect::Effect;
use crate::serve::board::Board;
use crate::serve::picture::{Lag, Readiness};
use crate::serve::samples::{MONDAY, alert, board, estimate, explained, journeys, segments, window};
use crate::serve::terms::switches;

/// Only reached when the server has failed: no test waits for it.
const GIVE_UP: Option<Duration> = Some(Duration::from_secs(20));

struct Server {
    runtime: Runtime,
    address: SocketAddr,
    board: Arc<Board>,
    ticks: Arc<AtomicU64>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_str(&self.body).unwrap()
    }
}

const LIMITS: HttpLimits = HttpLimits {
    events_every: Duration::from_millis(1),
    keep_alive: Duration::from_secs(15),
    readers_max: 2,
    drain: Duration::from_secs(3),
    series_max: 2000,
};

fn start() -> Server {
    start_with(LIMITS)
}

fn start_with(limits: HttpLimits) -> Server {
    let runtime = Runtime::new().unwrap();
    let board = Arc::new(board());
    let ticks = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&ticks);
    let liveness = Liveness::new(1, 60_000, move || clock.load(Ordering::Relaxed));
    let served = Served::new(Arc::clone(&board), Arc::new(liveness), limits);
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = runtime.spawn(serve(listener, served, async {
        let _ = stopped.await;
    }));
    Server { runtime, address, board, ticks, stop, ended }
}

impl Server {
    fn connect(&self, method: &str, path: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(GIVE_UP).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        BufReader::new(stream)
    }

    fn ask(&self, method: &str, path: &str) -> Answer {
        let mut stream = self.connect(method, path);
        let (status, headers) = head(&mut stream);
        let mut body = String::new();
        stream.read_to_string(&mut body).unwrap();
        Answer { status, headers, body }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path)
    }

    fn end(self) {
        self.stop.send(()).unwrap();
        self.runtime.block_on(self.ended).unwrap().unwrap();
    }
}

fn head(stream: &mut BufReader<TcpStream>) -> (u16, BTreeMap<String, String>) {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        stream.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    (status, headers)
}

/// The data of the next event; `None` at the end of the stream.
fn event(stream: &mut BufReader<TcpStream>) -> Option<Value> {
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        if let Some(data) = line.strip_prefix("data: ") {
            return Some(serde_json::from_str(data).unwrap());
        }
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let server = start();
    let page = server.get("/");
    assert_eq!((page.status, page.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    let mut texts = vec![page.body.replace("http://www.w3.org/2000/svg", "")];
    for (path, kind) in [
        ("/app.js", "text/javascript; charset=utf-8"),
        ("/alerts.js", "text/javascript; charset=utf-8"),
        ("/alignment.js", "text/javascript; charset=utf-8"),
        ("/funnel.js", "text/javascript; charset=utf-8"),
        ("/sum.js", "text/javascript; charset=utf-8"),
        ("/view.js", "text/javascript; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
    ] {
        let asset = server.get(path);
        assert_eq!((asset.status, asset.headers["content-type"].as_str()), (200, kind), "{path}");
        texts.push(asset.body);
    }
    for text in &texts {
        for word in
            ["http:", "https:", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write"]
        {
            assert!(!text.contains(word), "{word}");
        }
    }
    for named in texts.iter().flat_map(|text| text.split(['"', '\''])) {
        if named.ends_with(".js") || named.ends_with(".css") {
            let path = format!("/{}", named.trim_start_matches("./"));
            assert_eq!(server.get(&path).status, 200, "{named}");
        }
    }
    server.end();
}

#[test]
fn the_page_has_words_for_every_rule_and_for_where_it_may_stand() {
    let server = start();
    let view = server.get("/view.js").body;
    let begins = |line: &str, word: &str| line.starts_with(&format!("  {word}: {{"));
    for switch in switches(&Rules::default()) {
        let words = view.lines().find(|line| begins(line, switch.rule));
        assert!(words.is_some(), "view.js has no words for {}", switch.rule);
    }
    for state in ["kept", "broken", "learning", "holding", "off", "idle", "unjudged"] {
        assert!(view.lines().any(|line| begins(line, state)), "view.js has no words for {state}");
    }
    server.end();
}

#[test]
fn every_answer_is_strict() {
    let server = start();
    let paths =
        ["/", "/metrics", "/livez", "/readyz", "/api/v1/status", "/api/v1/alerts", "/nowhere", "/api/x"];
    for path in paths {
        let headers = server.get(path).headers;
        let policy = &headers["content-security-policy"];
        assert!(
            policy.starts_with(
                "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                 img-src 'self' data:"
            ),
            "{path}: {policy}"
        );
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "no-referrer", "{path}");
        assert!(["no-store", "no-cache"].contains(&headers["cache-control"].as_str()), "{path}");
    }
    server.end();
}

#[test]
fn metrics_come_with_their_content_type() {
    let server = start();
    server.board.observe(&journeys(0, MONDAY.minute()));
    let answer = server.get("/metrics");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert!(answer.body.contains("\nrapport_journeys{partition=\"0\"} 640\n"));
    assert!(answer.body.ends_with('\n'));
    server.end();
}

#[test]
fn readiness_says_what_is_waited_for() {
    let server = start();
    let answer = server.get("/readyz");
    assert_eq!((answer.status, answer.body.as_str()), (503, "not ready: starting\n"));
    server.board.set_readiness(0, Readiness::Waiting("restoring crm.events[3]".into()));
    assert_eq!(server.get("/readyz").body, "not ready: restoring crm.events[3]\n");
    assert_eq!(server.get("/api/v1/status").json()["waiting_for"], "restoring crm.events[3]");
    server.board.set_readiness(0, Readiness::Ready);
    let answer = server.get("/readyz");
    assert_eq!((answer.status, answer.body.as_str()), (200, "ready\n"));
    assert_eq!(server.get("/livez").status, 200);
    server.end();
}

#[test]
fn liveness_is_lost_when_the_loop_stands_still() {
    let server = start();
    server.ticks.store(60_000, Ordering::Relaxed);
    assert_eq!(server.get("/livez").status, 200);
    server.ticks.store(60_001, Ordering::Relaxed);
    let answer = server.get("/livez");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.body, "engine thread 0 has not turned for 60001 ms (limit 60000 ms)\n");
    server.end();
}

#[test]
fn refusals_speak_the_language_of_the_caller() {
    let server = start();
    for (method, path, status) in [
        ("GET", "/nowhere", 404),
        ("POST", "/", 405),
        ("GET", "/api", 404),
        ("GET", "/api/v2/status", 404),
        ("DELETE", "/api/v1/alerts", 405),
        ("GET", "/api/v1/funnel?limit=many", 400),
        ("GET", "/api/v1/funnel?segments=3", 400),
        ("GET", "/api/v1/funnel?segment=source%3DNowhere", 404),
        ("GET", "/api/v1/alerts?limit=-1", 400),
    ] {
        let answer = server.ask(method, path);
        assert_eq!(answer.status, status, "{method} {path}");
        if path.starts_with("/api") {
            assert!(answer.json()["error"].as_str().is_some_and(|error| !error.is_empty()), "{path}");
        } else {
            assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8", "{path}");
        }
        if status == 405 {
            assert_eq!(answer.headers["allow"], "GET,HEAD", "{path}");
        }
    }
    assert_eq!(server.ask("HEAD", "/api/v1/status").status, 200);
    server.end();
}

#[test]
fn hostile_names_are_data() {
    let server = start();
    let long = format!("source={}", "é".repeat(2000));
    let names = [
        "source=</p><script>alert(1)</script>",
        "source=a\"b'c",
        "source=a\nrapport_ready 0",
        "{{7*7}}",
        &long,
    ];
    for name in names {
        server.board.observe(&Effect::Window(window(name, "entered_mql", "28d", Some(1.0))));
        let hostile = alert(name, name, Severity::Page, AlertState::Firing);
        server.board.observe(&Effect::Alert(hostile));
    }
    let funnel = server.get("/api/v1/funnel").json();
    let mut told: Vec<&str> = Vec::new();
    told.extend(funnel["segments"].as_array().unwrap().iter().map(|s| s["segment"].as_str().unwrap()));
    told.sort_unstable();
    let mut wanted = names;
    wanted.sort_unstable();
    assert_eq!(told, wanted);
    assert_eq!(server.get("/api/v1/alerts").json()["firing"].as_array().unwrap().len(), names.len());

    let metrics = server.get("/metrics").body;
    assert!(metrics.contains(r#"segment="source=a\nrapport_ready 0""#));
    assert!(metrics.contains(r#"segment="source=a\"b'c""#));
    assert_eq!(metrics.lines().filter(|line| line.starts_with("rapport_ready")).count(), 1);
    server.end();
}

#[test]
fn the_funnel_begins_with_the_largest_segments() {
    let server = start();
    for (segment, mqls) in [("source=Fair", 3.0), ("source=Web", 30.0), ("source=Ads", 12.0), ("all", 45.0)] {
        server.board.observe(&Effect::Window(window(segment, "entered_mql", "28d", Some(mqls))));
    }
    let web = estimate("source=Web", "mql_to_sql_kaplan_meier", "42d", [0.3, 0.2, 0.4]);
    server.board.observe(&Effect::Window(web));
    let names = |path: &str| {
        let answer = server.get(path).json();
        assert_eq!(answer["segments_total"], 4);
        let names = answer["segments"].as_array().unwrap().iter().map(|s| s["segment"].as_str().unwrap());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names("/api/v1/funnel"), ["all", "source=Web", "source=Ads", "source=Fair"]);
    assert_eq!(names("/api/v1/funnel?limit=2"), ["all", "source=Web"]);
    assert_eq!(names("/api/v1/funnel?segment=source%3DFair"), ["source=Fair"]);
    let web = server.get("/api/v1/funnel?segment=source%3DWeb").json();
    let wanted = serde_json::json!({
        "at": MONDAY.0, "value": 0.3, "interval_low": 0.2, "interval_high": 0.4, "n": 400,
        "excluded_immature": 31,
    });
    assert_eq!(web["segments"][0]["results"]["mql_to_sql_kaplan_meier"]["42d"], wanted);
    server.end();
}

#[test]
fn alerts_come_with_what_was_said_before() {
    let server = start();
    let fires = alert("a", "all", Severity::Ticket, AlertState::Firing);
    let loud = alert("b", "source=Web", Severity::Page, AlertState::Firing);
    let mut over = alert("a", "all", Severity::Ticket, AlertState::Resolved);
    over.at = over.at.plus_ms(60_000);
    for alert in [fires, loud, over] {
        server.board.observe(&Effect::Alert(alert));
    }
    let answer = server.get("/api/v1/alerts").json();
    assert_eq!(answer["firing_total"], 1);
    assert_eq!(answer["firing"][0]["fingerprint"], "b");
    assert_eq!(answer["firing"][0]["severity"], "page");
    assert_eq!(answer["firing"][0]["at_risk"], serde_json::json!([]), "nothing is known of it");
    let states = answer["history"].as_array().unwrap().iter().map(|alert| alert["state"].as_str().unwrap());
    assert_eq!(states.collect::<Vec<_>>(), ["resolved", "firing", "firing"]);
    assert_eq!(server.get("/api/v1/alerts?limit=0").json()["firing"], serde_json::json!([]));
    server.end();
}

#[test]
fn an_alert_is_explained_by_the_first_digits_of_its_fingerprint() {
    let server = start();
    let told = |fingerprint: &str| {
        let alert = alert(fingerprint, "all", Severity::Ticket, AlertState::Firing);
        let explanation = explained(&alert, 700);
        [Effect::Alert(alert), explanation]
    };
    server.board.observe_all(&told("ab12"));
    server.board.observe_all(&told("ab34"));
    let answer = server.get("/api/v1/alerts/ab1").json();
    assert_eq!(answer["alert"]["fingerprint"], "ab12");
    assert_eq!(answer["explanation"]["sum"]["figures"][0]["from"], "1 / 2");
    let firing = &server.get("/api/v1/alerts").json()["firing"][0];
    assert_eq!(firing["at_risk"], serde_json::json!([{"currency": "EUR", "minor": 700}]));
    assert_eq!(firing["carriers"][0]["segment"], "source=ads");
    assert_eq!(server.get("/api/v1/alerts/ab").status, 400);
    assert_eq!(server.get("/api/v1/alerts/cd").status, 404);
    server.end();
}

#[test]
fn an_alert_that_was_resolved_is_explained_as_it_fired() {
    let server = start();
    let told = |state, minor| {
        let alert = alert("ab12", "all", Severity::Ticket, state);
        let explanation = explained(&alert, minor);
        [Effect::Alert(alert), explanation]
    };
    let at_risk = |path: &str| {
        let answer = server.get(path).json();
        let state = answer["alert"]["state"].as_str().unwrap().to_owned();
        (state, answer["explanation"]["sum"]["at_risk"][0]["minor"].as_i64().unwrap())
    };
    server.board.observe_all(&told(AlertState::Firing, 700));
    assert_eq!(at_risk("/api/v1/alerts/ab?fired=true"), ("firing".to_owned(), 700));
    server.board.observe_all(&told(AlertState::Resolved, 40));
    assert_eq!(at_risk("/api/v1/alerts/ab"), ("resolved".to_owned(), 40));
    assert_eq!(at_risk("/api/v1/alerts/ab?fired=true"), ("firing".to_owned(), 700));
    assert_eq!(server.get("/api/v1/alerts/ab?fired=perhaps").status, 400);
    server.board.observe_all(&told(AlertState::Firing, 900));
    assert_eq!(at_risk("/api/v1/alerts/ab?fired=true"), ("firing".to_owned(), 900));
    let resolved = alert("cd34", "all", Severity::Ticket, AlertState::Resolved);
    server.board.observe_all(&[Effect::Alert(resolved.clone()), explained(&resolved, 10)]);
    let unknown = server.get("/api/v1/alerts/cd?fired=true");
    assert_eq!(unknown.status, 404, "it fired before");
    server.end();
}

#[test]
fn the_status_sums_up() {
    let server = start();
    let minute = MONDAY.minute();
    let nothing = server.get("/api/v1/status").json();
    assert_eq!((&nothing["records_total"], &nothing["aligned_at"]), (&Value::from(0), &Value::Null));
    assert_eq!(nothing["judged_here"], false);
    server.board.observe_all(&[journeys(0, minute), journeys(1, minute.next()), segments(Some(minute))]);
    server.board.note(|picture| picture.set_consumer_lag("crm.events", 1, Lag { records: 6, ms: 0 }));
    let status = server.get("/api/v1/status").json();
    assert_eq!(status["records_total"], 2 * 1235);
    assert_eq!(status["records"]["applied"], 2400);
    assert_eq!(status["aligned_at"], minute.start().0);
    assert_eq!(status["partitions"][1]["at"], minute.next().start().0);
    let held_by = &status["partitions"][1]["held_by"];
    assert_eq!((&held_by["source"], &held_by["partition"]), (&"hubspot".into(), &1.into()));
    assert_eq!((&held_by["at"], &held_by["behind_ms"]), (&(MONDAY.0 - 5_400_000).into(), &5_400_000.into()));
    assert_eq!(status["partitions"][1]["lag_records"], 6);
    assert_eq!(status["partitions"][0]["lag_records"], Value::Null);
    assert_eq!(status["partitions"][0]["counters"]["moved_facts"], 31);
    server.end();
}

#[test]
fn events_tell_of_every_change_until_the_end() {
    let server = start();
    let mut stream = server.connect("GET", "/api/v1/events");
    let (status, headers) = head(&mut stream);
    assert_eq!((status, headers["content-type"].as_str()), (200, "text/event-stream"));
    let first = event(&mut stream).unwrap();
    assert_eq!((&first["version"], &first["records_total"]), (&Value::from(0), &Value::from(0)));
    server.board.observe(&journeys(0, MONDAY.minute()));
    let second = event(&mut stream).unwrap();
    assert_eq!((&second["version"], &second["records_total"]), (&Value::from(1), &Value::from(1235)));
    server.end();
    assert_eq!(event(&mut stream), None, "the end of the server ends the stream");
}

#[test]
fn a_quiet_line_is_kept_open_by_comments() {
    let server = start_with(HttpLimits { keep_alive: Duration::from_millis(1), ..LIMITS });
    let mut stream = server.connect("GET", "/api/v1/events");
    head(&mut stream);
    event(&mut stream).unwrap();
    let comment = |line: std::io::Result<String>| line.unwrap().starts_with(':');
    assert!(stream.lines().any(comment));
    server.end();
}

#[test]
fn readers_beyond_the_limit_are_asked_to_come_back() {
    let server = start();
    let mut readers: Vec<_> = (0..2).map(|_| server.connect("GET", "/api/v1/events")).collect();
    for reader in &mut readers {
        assert_eq!(head(reader).0, 200);
        event(reader).unwrap();
    }
    let answer = server.get("/api/v1/events");
    assert_eq!(answer.status, 503);
    assert!(answer.json()["error"].as_str().unwrap().starts_with("2 readers"));
    server.end();
}
