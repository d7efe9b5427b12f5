//! Temporary.
use std::sync::Arc;
use rapport::funnel::terms::Terms;
use rapport::model::Minute;
use crate::support::definitions;
use crate::support::random_log::{Spice, history};
use crate::support::run::{Schedule, run};

#[test]
fn probe() {
    let mut bad = 0;
    let (mut alerts, mut slow) = (0, std::time::Duration::ZERO);
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|s| s.parse().ok()).unwrap_or(30);
    let from: u64 = std::env::var("FROM").ok().and_then(|s| s.parse().ok()).unwrap_or(0);
    let hot = Spice { erasures: if std::env::var("NOERASE").is_ok() { 0 } else { 2 }, circles: std::env::var("NOCIRCLES").is_err(), conflicts: if std::env::var("NOCONFLICT").is_ok() { 0 } else { 2 }, ..Spice::HOT };
    let spice = if std::env::var("COLD").is_ok() { Spice { moves: 0, erasures: 0, conflicts: 0, ..Spice::HOT } } else { hot };
    for seed in from..from + seeds {
        let mut d = definitions::plain();
        d.event_partitions = 1 + (seed % 4) as u32;
        let terms = Arc::new(Terms::new(d.clone(), 1).unwrap());
        let h = history(seed, 300, d.event_partitions, spice);
        let r = run(&terms, &h, Schedule::Ragged(seed));
        let log: Vec<Vec<_>> = r.logs.iter().map(|l| l.iter().map(|(rec, _)| rec.clone()).collect()).collect();
        let t0 = now();
        let a = rapport::oracle::answer(&d, &log);
        slow += t0.elapsed();
        alerts += a.alerts.len();
        let mut tally = rapport::model::outcome::Tally::default();
        for p in &a.partitions { tally.add(&p.tally); }
        let mut what = vec![];
        for (p, (mine, theirs)) in a.partitions.iter().zip(&r.times).enumerate() {
            if mine.times != *theirs { what.push(format!("times of {p}")); }
        }
        if tally != r.tally { what.push(format!("tally {:?} {:?}", tally, r.tally)); }
        let end: Minute = r.times.iter().filter_map(|t| t.last()).max().copied().unwrap_or(Minute::MIN);
        let c = a.counts(end);
        let (mut d1, mut d2) = (vec![], vec![]);
        for (k, n) in &c { if r.counts.get(k) != Some(n) { d1.push((k.clone(), *n)); } }
        for (k, n) in &r.counts { if c.get(k) != Some(n) { d2.push((k.clone(), *n)); } }
        if !d1.is_empty() || !d2.is_empty() { what.push(format!("counts oracle {:?}\n   funnel {:?}", d1.iter().take(2).collect::<Vec<_>>(), d2.iter().take(2).collect::<Vec<_>>())); }
        if a.evidence(end) != r.evidence { what.push("evidence".into()); }
        if a.alerts != r.bare_alerts() {
            let theirs = r.bare_alerts();
            let i = a.alerts.iter().zip(&theirs).position(|(x, y)| x != y).unwrap_or(a.alerts.len().min(theirs.len()));
            if std::env::var("ALERTS").is_ok() { for (n, l) in [("o", &a.alerts), ("f", &theirs)] { for x in l { println!("{n} {:?} {} {:?} {:?} since {:?} n {} v {:.3} win {:?}", x.at, x.segment, x.state, x.severity, x.since, x.n, x.value, x.window_start); } } 
              for (k, v) in a.counts(rapport::model::EventTime(x_at(&a.alerts[i.min(a.alerts.len()-1)])).minute()) { if matches!(k.1.measure, rapport::model::measure::Measure::TouchMet|rapport::model::measure::Measure::TouchMissed) { println!("  {} {:?} {} {:?} {v}", k.0, k.1.measure, k.1.subject, k.1.slice); } } }
            what.push(format!("alerts {} {}\n  oracle {:?}\n  funnel {:?}", a.alerts.len(), theirs.len(), a.alerts.get(i), theirs.get(i)));
        }
        let mut sum = rapport::model::delta::Step::default();
        let mut trans = 0;
        for (m, st) in &r.steps {
            sum.merge(st.clone());
            if r.times.iter().any(|t| t.last().is_none_or(|t| t < m)) { break; }
            let c = a.counts(*m);
            if c != sum.counts && trans < 2 && std::env::var("NOTRANS").is_err() {
                trans += 1;
                let d1: Vec<_> = c.iter().filter(|(k, n)| sum.counts.get(*k) != Some(n)).filter(|x| x.0.0 == "all").take(4).collect();
                let d2: Vec<_> = sum.counts.iter().filter(|(k, n)| c.get(*k) != Some(n)).filter(|x| x.0.0 == "all").take(4).collect();
                what.push(format!("TRANSIENT at {m:?} oracle {d1:?}\n    funnel {d2:?}"));
            }
            let e: std::collections::BTreeMap<_, _> = sum.evidence.clone();
            if a.evidence(*m) != e && trans < 2 && std::env::var("NOTRANS").is_err() { trans += 1; let ae = a.evidence(*m); let x: Vec<_> = ae.iter().filter(|(k, n)| e.get(*k) != Some(n)).take(2).collect(); let y: Vec<_> = e.iter().filter(|(k, n)| ae.get(*k) != Some(n)).take(2).collect(); what.push(format!("EVIDENCE at {m:?} oracle {x:?} funnel {y:?}")); }
        }
        let mut shown = 0;
        if let Ok(f) = std::env::var("FACT") { for (p, l) in r.logs.iter().enumerate() { for (i, (rec, applied)) in l.iter().enumerate() {
            let s = format!("{:?} => {:?}", rec.holds, applied); if f.split(',').any(|f| s.contains(f)) { println!("FACT p{p} {i} T={:?} {:.900}\n   oracle {:.700}", r.times[p][i.max(1)-1], s, format!("{:?}", a.partitions[p].demanded[i])); } } } }
        for (p, l) in r.logs.iter().enumerate() {
            for (i, (rec, applied)) in l.iter().enumerate() {
                let theirs: Vec<String> = applied.writes.iter().flat_map(|w| match w {
                    rapport::funnel::journey::Write::Control { to, control } => rapport::oracle::Demand::each(*to, control).into_iter().map(|d| match d.record {
                        rapport::oracle::Demanded::Control(c) => format!("Control {{ to: {}, control: {c:?} }}", d.partition), _ => unreachable!() }).collect::<Vec<_>>(),
                    _ => vec!["forwarded".to_owned()] }).collect();
                let mine: Vec<String> = a.partitions[p].demanded[i].iter().map(|d| match &d.record {
                    rapport::oracle::Demanded::Control(c) => format!("Control {{ to: {}, control: {c:?} }}", d.partition),
                    rapport::oracle::Demanded::Forwarded => "forwarded".to_owned(),
                }).collect();
                let norm = |v: &[String]| -> Vec<String> { v.iter().map(|s| {
                    let mut s = s.clone();
                    if let Some(i) = s.find("Created { source: ") { if s.contains("id: None, trail") { let j = s[i..].find("attributes:").unwrap() + i; s.replace_range(i..j, "Created { "); } }
                    if let Some(i) = s.find("attributes: Attributes(") { if s.contains("id: None, trail") { let j = s[i..].find("])").unwrap() + i; s.replace_range(i..j, "attributes: Attributes(["); } }
                    s }).collect() };
                let (mut x, mut y) = (norm(&theirs), norm(&mine));
                x.sort(); y.sort();
                if x != y || a.partitions[p].outcomes[i] != applied.outcome {
                    shown += 1;
                    if shown <= 2 { what.push(format!("p{p} record {i} {:?}\n     oracle {:?} {mine:#?}\n     funnel {:?} {theirs:#?}", rec.holds, a.partitions[p].outcomes[i], applied.outcome)); }
                }
            }
        }
        if std::env::var("SHOW").is_ok() { println!("{:#?}", r.logs[0].iter().find(|x| format!("{:?}", x.1).contains("Moved"))); return; }
        if !what.is_empty() { bad += 1; println!("seed {seed} ({} partitions): {}", d.event_partitions, what.join("\n  ")); }
    }
    println!("bad {bad} of {seeds}, {alerts} alerts, oracle took {slow:?}");
}
fn show<T: std::fmt::Debug>(t: &T) -> String { format!("{t:?}") }
#[allow(clippy::disallowed_methods)]
fn now() -> std::time::Instant { std::time::Instant::now() }

#[test]
fn tomb() {
    let ids = rapport::model::entity::IdSpace::new(*b"plain test key 0", 3);
    for t in ["", "L5", "tombstone", "2026-03-18T05:15:19.352Z", "tombstone:L5", "tombstone L5", "1773810919352", "tombstone-1773810919352", "erased", "lead_erased", "tombstone 1773810919352", "tombstone:1773810919352", "tombstone@1773810919352"] {
        println!("{t} {:?}", ids.fact_id(t));
    }
    let e = ids.entity(rapport::model::entity::EntityKind::Lead, "L5");
    println!("{} {} {}", e.key.0 as u64, (e.key.0 >> 64) as u64, 0);
}

fn ev(at: &str, ts: &str, id: &str, body: rapport::model::event::Body) -> crate::support::random_log::Arrival {
    use rapport::model::record::*;
    let t = |s: &str| rapport::model::EventTime(format!("2026-03-02T{s}:00Z").parse::<jiff::Timestamp>().unwrap().as_millisecond());
    crate::support::random_log::Arrival { at: t(ts), partition: 0, record: LogRecord { timestamp: t(ts), came: Came::Direct, holds: Holds::Event(rapport::model::event::Event { event_id: id.into(), occurred_at: t(at), body }) } }
}
#[test]
fn lost() {
    use rapport::model::event::*;
    let d = definitions::plain();
    let terms = Arc::new(Terms::new(d.clone(), 1).unwrap());
    let h = vec![
        ev("09:00", "09:00", "a", Body::LeadTouched { lead_id: "Z".into(), team: rapport::model::words::Team::Sales, channel: None, automated: true }),
        ev("09:10", "09:00", "b", Body::DealOpened { deal_id: "D1".into(), lead_id: None, amount: None, origin: None, attributes: Attributes::default() }),
        ev("10:40", "09:00", "c", Body::DealLinked { deal_id: "D1".into(), lead_id: "L1".into() }),
        ev("10:50", "09:00", "d", Body::DealLinked { deal_id: "D1".into(), lead_id: "L2".into() }),
        ev("12:00", "12:00", "e", Body::LeadTouched { lead_id: "Z".into(), team: rapport::model::words::Team::Sales, channel: None, automated: true }),
    ];
    let r = run(&terms, &h, Schedule::Live);
    for (rec, ap) in &r.logs[0] { println!("{:?}\n   => {:?}", rec.holds, ap); }
    println!("COUNTS {:?}", r.counts);
    let log: Vec<Vec<_>> = r.logs.iter().map(|l| l.iter().map(|(rec, _)| rec.clone()).collect()).collect();
    println!("ORACLE {:?}", rapport::oracle::answer(&d, &log).counts(Minute::MAX));
}
#[test]
fn lost2() {
    use rapport::model::event::*;
    let d = definitions::plain();
    let terms = Arc::new(Terms::new(d.clone(), 1).unwrap());
    let z = |at: &str| ev(at, at, at, Body::LeadTouched { lead_id: "Z".into(), team: rapport::model::words::Team::Sales, channel: None, automated: true });
    let link = |at: &str, l: &str| ev(at, "09:00", l, Body::DealLinked { deal_id: "D1".into(), lead_id: l.into() });
    let mut local = rapport::pipeline::local::Local::new(&terms);
    let mut log = vec![];
    let batches = vec![
        vec![z("09:00")],
        vec![ev("09:10", "09:00", "b", Body::DealOpened { deal_id: "D1".into(), lead_id: None, amount: None, origin: None, attributes: Attributes::default() })],
        vec![link("10:40", "L1")],
        vec![link("10:50", "L2"), link("11:30", "L3")],
        vec![z("12:00")], vec![z("12:10")],
    ];
    for b in batches {
        for a in b { local.append(0, a.record); }
        while let Some(r) = local.read(0) { println!("{:?}\n   => {:?}", r.0.holds, r.1); log.push(r.0); }
    }
    let a = rapport::oracle::answer(&d, &[log]);
    println!("T {:?} ORACLE {:?}", a.partitions[0].time, a.counts(Minute::MAX).len());
    for d in &a.partitions[0].demanded { println!("   o {d:?}"); }
    let mut n = 0i64;
    if let Some(delta) = local.take_delta(0) { for s in delta.steps.values() { for ((_, c), k) in &s.counts { if c.measure == rapport::model::measure::Measure::DealsOpened { n += k; } } } }
    println!("FUNNEL deals opened {n} (two segments)");
}
#[test]
fn lost3() {
    use rapport::model::event::*;
    let mut d = definitions::plain();
    d.event_partitions = 3;
    let terms = Arc::new(Terms::new(d.clone(), 1).unwrap());
    let z = |at: &str| ev(at, at, at, Body::LeadTouched { lead_id: "Z".into(), team: rapport::model::words::Team::Sales, channel: None, automated: true });
    let link = |at: &str, l: &str| ev(at, "09:00", l, Body::DealLinked { deal_id: "D0".into(), lead_id: l.into() });
    let merge = |at: &str, l: &str| ev(at, "09:00", l, Body::LeadMerged { lead_id: l.into(), into: "L3".into() });
    let mut local = rapport::pipeline::local::Local::new(&terms);
    let mut logs = vec![vec![], vec![], vec![]];
    let (l0, l1, d0) = (2u32, 0u32, 1u32);
    for a in [
        ev("10:00", "09:00", "op", Body::DealOpened { deal_id: "D0".into(), lead_id: None, amount: None, origin: None, attributes: Attributes::default() }),
        link("10:00", "L0"), link("10:01", "L1"),
        ev("15:03", "09:00", "won", Body::DealStageEntered { deal_id: "D0".into(), lead_id: None, stage: "s".into(), status: rapport::model::words::DealStatus::Won, amount: None, reason: None }),
    ] { local.append(d0, a.record); }
    local.append(l0, merge("10:00", "L0").record);
    local.append(l1, merge("15:04", "L1").record);
    let mut read = |local: &mut rapport::pipeline::local::Local, p: u32| { let mut any = false; while let Some(r) = local.read(p) { any = true; println!("p{p} {:?}\n   => {:?}", r.0.holds, r.1); logs[p as usize].push(r.0); } any };
    for p in [l1, d0, l1, l0, l1, d0, l1, d0, l1] { read(&mut local, p); }
    for p in 0..3 { for at in ["16:00", "16:10"] { local.append(p, z(at).record); } }
    while (0..3).any(|p| read(&mut local, p)) {}
    let a = rapport::oracle::answer(&d, &logs);
    let won = |c: &std::collections::BTreeMap<(rapport::model::Text, rapport::model::measure::Cell), i64>| c.iter().filter(|((_, c), _)| c.measure == rapport::model::measure::Measure::DealsWon).map(|(_, n)| n).sum::<i64>();
    let mut n = 0i64;
    for p in 0..3 { if let Some(delta) = local.take_delta(p) { for s in delta.steps.values() { n += won(&s.counts); } } }
    println!("T {:?} ORACLE won {} FUNNEL won {n} (two segments)", a.partitions.iter().map(|p| p.time).collect::<Vec<_>>(), won(&a.counts(Minute::MAX)));
}

fn x_at(a: &rapport::model::alert::Alert) -> i64 { a.at.0 }
