//! Every rule is shown at each beat of its life. Stories name a beat in a line `# beat RULE BEAT: what happens`; the
//! lines up to the next such line must hold what belongs to it, and playing the story holds that it is so.

use rapport::funnel::signs::rule::Rule;

/// The beats, and what the lines of one must hold.
const BEATS: [(&str, &str); 6] = [
    ("learning", "`stands RULE learning=…`, and `alerts` without the rule"),
    ("quiet", "`stands RULE kept=…`, and `alerts` without the rule: something near it that is healthy"),
    ("fires", "`alerts` with a row in which it begins to fire"),
    ("clears", "`alerts` with a row in which it is resolved"),
    ("holds", "`stands RULE holding=…`, and `alerts` in which `no_data` fires and the rule is not resolved"),
    ("late", "an event of before what was judged last, and `alerts` after it with a row of the rule"),
];

/// Beats that there cannot be.
const NONE: [(Rule, &str, &str); 1] =
    [(Rule::NoData, "holds", "it rests on no feed: that one has stopped is what it fires for")];

/// The lines of a story that show a beat.
struct Passage<'a> {
    place: String,
    rule: &'a str,
    beat: &'a str,
    /// The boundary that was passed last before it.
    judged: &'a str,
    lines: Vec<&'a str>,
}

#[test]
fn every_rule_is_shown_at_every_beat() {
    let stories = stories();
    let passages: Vec<Passage<'_>> = stories.iter().flat_map(|(name, text)| passages(name, text)).collect();
    let mut faults = Vec::new();
    for Passage { place, rule, beat, .. } in passages.iter().filter(|passage| !passage.is_shown()) {
        let needed = BEATS.iter().find(|(name, _)| name == beat).map_or("it is no beat", |(_, needs)| needs);
        faults.push(format!("{place}: {rule} {beat} needs {needed}"));
    }
    for rule in Rule::ALL {
        for (beat, _) in BEATS {
            let is_told = passages.iter().any(|passage| passage.rule == rule.name() && passage.beat == beat);
            let why_not = NONE.iter().find(|(none, of, _)| none == rule && *of == beat);
            match (is_told, why_not) {
                (false, None) => faults.push(format!("{} {beat}: no story shows it", rule.name())),
                (true, Some((.., why))) => faults.push(format!("{} {beat}: but {why}", rule.name())),
                _ => {}
            }
        }
    }
    assert!(faults.is_empty(), "beats:\n  {}", faults.join("\n  "));
}

/// The stories by the names of their files.
fn stories() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stories");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn passages<'a>(name: &str, text: &'a str) -> Vec<Passage<'a>> {
    let mut passages: Vec<Passage<'a>> = Vec::new();
    let mut judged = "";
    for (i, line) in text.lines().enumerate() {
        if let Some(marker) = line.strip_prefix("# beat ") {
            let place = format!("{name}:{}", i + 1);
            let (what, sentence) = marker.split_once(':').unwrap_or((marker, ""));
            let (rule, beat) = what.split_once(' ').unwrap_or((what, ""));
            assert!(Rule::ALL.iter().any(|known| known.name() == rule), "{place}: {rule} is no rule");
            assert!(!sentence.trim().is_empty(), "{place}: it says what happens");
            passages.push(Passage { place, rule, beat, judged, lines: Vec::new() });
        } else if let Some(passage) = passages.last_mut() {
            passage.lines.push(line);
        }
        judged = passed(line).unwrap_or(judged);
    }
    passages
}

/// The boundary that a line passes.
fn passed(line: &str) -> Option<&str> {
    let rest = ["read ", "expect ", "windows "].iter().find_map(|word| line.strip_prefix(word))?;
    rest.get(..16)
}

/// When the first event of a line occurs, as it is written.
fn occurs(line: &str) -> Option<String> {
    if line.starts_with(|c: char| c.is_ascii_digit()) {
        return line.get(..16).map(str::to_owned);
    }
    let mut words = line.strip_prefix("each ")?.split(' ');
    let (day, at) = (words.next()?, words.nth(2)?);
    Some(format!("{day} {at}"))
}

/// Whether a row of `alerts` tells that an alert of a rule is in this state.
fn is_told(line: &str, state: &str, rule: &str) -> bool {
    let mut words = line.split_whitespace().skip(2);
    line.starts_with("  ") && words.next() == Some(state) && words.nth(1) == Some(rule)
}

impl Passage<'_> {
    fn is_shown(&self) -> bool {
        let is_silent = self.has_alerts() && !self.tells("firing") && !self.tells("resolved");
        match self.beat {
            "learning" => self.stands("learning=") && is_silent,
            "quiet" => {
                self.stands("kept=") && !self.stands("broken=") && !self.stands("holding=") && is_silent
            }
            "fires" => self.tells("firing"),
            "clears" => self.tells("resolved"),
            "holds" => {
                let says_so = self.lines.iter().any(|line| is_told(line, "firing", Rule::NoData.name()));
                self.stands("holding=") && says_so && !self.tells("resolved")
            }
            "late" => self.corrects(),
            _ => false,
        }
    }

    fn has_alerts(&self) -> bool {
        self.lines.contains(&"alerts")
    }

    /// Whether an alert of the rule is told in this state.
    fn tells(&self, state: &str) -> bool {
        self.lines.iter().any(|line| is_told(line, state, self.rule))
    }

    fn stands(&self, how: &str) -> bool {
        let of_rule = format!("stands {} ", self.rule);
        self.lines.iter().any(|line| line.starts_with(&of_rule) && line.contains(how))
    }

    /// Whether something arrives of before a boundary that had been passed, and the rule speaks of it.
    fn corrects(&self) -> bool {
        let (mut judged, mut is_late) = (self.judged, false);
        for line in &self.lines {
            judged = passed(line).unwrap_or(judged);
            is_late |= occurs(line).is_some_and(|at| at.as_str() < judged);
            if is_late && ["firing", "resolved"].iter().any(|state| is_told(line, state, self.rule)) {
                return true;
            }
        }
        false
    }
}

/// A story of two beats.
const TWO_BEATS: &str = "\
# beat silent_leads quiet: all is well
read 2026-03-02 10:00
stands silent_leads kept=1
alerts
# beat silent_leads late: it was said in time
2026-03-02 09:00 lead_created lead_id=a
read 2026-03-02 12:00
alerts
  2026-03-02 11:00 resolved ticket silent_leads all
";

#[test]
fn a_passage_shows_only_the_beat_that_it_holds() {
    let shown = |text: &str| passages("a.story", text).iter().map(Passage::is_shown).collect::<Vec<_>>();
    let with = |from: &str, to: &str| TWO_BEATS.replacen(from, to, 1);
    assert_eq!(shown(TWO_BEATS), [true, true]);
    assert_eq!(shown(&with("kept", "broken")), [false, true], "it is not quiet");
    assert_eq!(shown(&with("alerts\n#", "#")), [false, true], "nobody asked for alerts");
    assert_eq!(shown(&with("09:00", "10:00")), [true, false], "it came in time");
    assert_eq!(shown(&with("ticket silent_leads", "ticket no_data")), [true, false], "the rule says nothing");
    let told = with("alerts\n#", "alerts\n  2026-03-02 09:00 firing ticket silent_leads all\n#");
    assert_eq!(shown(&told), [false, true], "it is told of");
    assert_eq!(shown(&told.replace("quiet", "fires")), [true, true]);
    assert_eq!(shown(&told.replace("quiet", "clears")), [false, true]);
}
