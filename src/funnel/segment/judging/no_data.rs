//! Judging `no_data`, and what rests on feeds that have fallen silent.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::definitions::NoData;
use crate::model::words::{Family, Team};
use crate::model::{EventTime, Minute, Text};

use super::super::super::alerting::{Frozen, Identity, Patience};
use super::super::super::journey::segments::ALL;
use super::super::super::signs::rule::Rule;
use super::super::super::signs::scene::Scene;
use super::super::super::signs::{Verdict, no_data};
use super::super::outages::FeedName;
use super::super::standing::Standing;
use super::super::{Part, SegmentsTask, Told};

/// The feeds whose silence is long enough to be told of, each with the end of its last hour.
fn too_long(rule: &NoData, feeds: &[no_data::Feed], watched: usize) -> Vec<(FeedName, Minute)> {
    let is_too_long =
        |feed: &&no_data::Feed| feed.limit_ms(rule, watched).is_some_and(|limit| feed.silent_ms > limit);
    let name = |feed: &no_data::Feed| ((feed.source.clone(), feed.family), feed.last.minute());
    feeds.iter().filter(is_too_long).map(name).collect()
}

impl SegmentsTask {
    pub(super) fn judge_no_data(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.no_data.as_ref().expect("it is due only where it is on");
        let now = boundary.start();
        let elapsed = |from: EventTime| now.0 - from.0;
        let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms: 0, may_begin: true };
        let mut feeds = no_data::feeds(rule, &Scene::new(&terms, &self.book, boundary));
        let watched = feeds.iter().filter(|feed| feed.usual.is_some()).count();
        let silent = self.silent_feeds(&feeds);
        let too_long = too_long(rule, &feeds, watched);
        feeds.extend(self.feeds_of_no_source(&feeds, now));
        let mut standing = Standing::default();
        let mut speaking = self.speaking_feeds(&feeds);
        let mut over = Vec::new();
        for feed in feeds {
            let id = Identity { rule: Rule::NoData, segment: ALL.into(), subject: feed.subject() };
            let frozen = match self.lives.get(&id).and_then(|life| life.frozen) {
                Some(Frozen::Silence { limit_ms }) => Some(limit_ms),
                _ => None,
            };
            let limit_ms = frozen.or_else(|| feed.limit_ms(rule, watched));
            let verdict = match self.is_listed(&feed.source) {
                true => no_data::read(rule, &feed, limit_ms),
                false => Verdict::Kept,
            };
            if !feed.is_the_whole {
                standing.count(verdict);
            }
            let whose = (feed.source.clone(), no_data::team(feed.family));
            let is_quiet = speaking.get(&whose).is_some_and(|first| *first != id)
                || self.is_told_with_the_whole(&feed, &id, &silent)
                || self.is_told_with_another(&feed, &id, limit_ms, boundary);
            let verdict = if is_quiet { verdict.quieted() } else { verdict };
            if matches!(verdict, Verdict::Broken(_)) {
                speaking.insert(whose, id.clone());
            }
            let limit_ms = limit_ms.unwrap_or_default();
            let fired = self.fires(&id).then(|| id.clone());
            self.live(id, verdict, now, Some(Frozen::Silence { limit_ms }), &patience, told, None, |task| {
                let scene = Scene::new(&terms, &task.book, boundary);
                no_data::measure(rule, &scene, &feed, (limit_ms, watched))
            });
            over.extend(fired.filter(|id| !self.fires(id)));
        }
        self.note_over(over, boundary);
        self.stands(Rule::NoData, standing);
        if self.book.outages.found(boundary, &silent, too_long.into_iter()) {
            self.dirty.insert(Part::Outages);
            self.agenda.touches_changed = true;
        }
        if silent != self.agenda.silent {
            self.agenda.silent = silent;
            self.agenda.touches_changed = true;
        }
        self.agenda.hourly_at = Some(boundary);
    }

    /// Whether all of a wider feed is silent: then that of a part of it is no news, unless it was told of before.
    fn is_told_with_the_whole(
        &self,
        feed: &no_data::Feed,
        id: &Identity,
        silent: &BTreeSet<(Text, Family)>,
    ) -> bool {
        let whole = no_data::wider(feed.family).map(|wider| (feed.source.clone(), wider));
        whole.is_some_and(|whole| silent.contains(&whole)) && !self.lives.contains_key(id)
    }

    /// Whether a feed was told of with another one of its source and team that has come back: it is no news unless it
    /// is silent for too long since then.
    fn is_told_with_another(
        &self,
        feed: &no_data::Feed,
        id: &Identity,
        limit_ms: Option<i64>,
        boundary: Minute,
    ) -> bool {
        let is_of_another = |of: &Identity| {
            let (source, family) = of.subject.rsplit_once(' ').unwrap_or_default();
            let team = Family::parse(family).map(no_data::team);
            of.rule == Rule::NoData && source == feed.source && team == Some(no_data::team(feed.family))
        };
        let over = self.over_at.iter().filter(|(of, _)| is_of_another(of)).map(|(_, at)| *at);
        let Some(back) = over.max().filter(|_| !self.lives.contains_key(id)) else { return false };
        let silent_ms = no_data::silent_since_ms(feed, back, &Scene::new(&self.terms, &self.book, boundary));
        limit_ms.is_some_and(|limit_ms| silent_ms <= limit_ms)
    }

    fn is_listed(&self, source: &str) -> bool {
        self.terms.definitions.sources.iter().any(|listed| listed.name == source)
    }

    /// The feeds that are silent: those that fall silent, and those that were and of which nothing has arrived since,
    /// even where it is so long ago that nothing of them is kept.
    fn silent_feeds(&self, feeds: &[no_data::Feed]) -> BTreeSet<(Text, Family)> {
        let before = self.agenda.hourly_at.unwrap_or(Minute::MIN).start();
        let name = |feed: &no_data::Feed| (feed.source.clone(), feed.family);
        let stays = |was: &&(Text, Family)| {
            let feed = feeds.iter().find(|feed| name(feed) == **was);
            feed.is_none_or(|feed| feed.last <= before)
        };
        let fall = feeds.iter().filter(|feed| feed.is_silent()).map(name);
        let stay = self.agenda.silent.iter().filter(stays).cloned();
        fall.chain(stay).filter(|(source, _)| self.is_listed(source)).collect()
    }

    /// The feeds with an alert of which nothing is left, of sources that are not listed any more: they are over.
    fn feeds_of_no_source(&self, feeds: &[no_data::Feed], now: EventTime) -> Vec<no_data::Feed> {
        let of_alert = |id: &Identity| {
            let (source, family) = id.subject.rsplit_once(' ')?;
            Some(no_data::Feed::forgotten(source.into(), Family::parse(family)?, now))
        };
        let lives = self.lives.keys().filter(|id| id.rule == Rule::NoData);
        let is_known = |gone: &no_data::Feed| feeds.iter().any(|feed| feed.subject() == gone.subject());
        lives.filter_map(of_alert).filter(|gone| !is_known(gone) && !self.is_listed(&gone.source)).collect()
    }

    /// Of each source and team the feed whose alert lives and began first.
    fn speaking_feeds(&self, feeds: &[no_data::Feed]) -> BTreeMap<(Text, Team), Identity> {
        let mut speaking: BTreeMap<(Text, Team), (EventTime, Identity)> = BTreeMap::new();
        for feed in feeds {
            let id = Identity { rule: Rule::NoData, segment: ALL.into(), subject: feed.subject() };
            let Some(life) = self.lives.get(&id) else { continue };
            let whose = (feed.source.clone(), no_data::team(feed.family));
            let known = speaking.entry(whose).or_insert_with(|| (life.since, id.clone()));
            if life.since < known.0 {
                *known = (life.since, id);
            }
        }
        speaking.into_iter().map(|(whose, (_, id))| (whose, id)).collect()
    }

    /// What a rule reads, unless it holds its state.
    pub(super) fn held(&self, rule: Rule, verdict: Verdict) -> Verdict {
        if self.holds(rule) { Verdict::NoData } else { verdict }
    }

    /// Whether a rule holds its state because something that it rests on has stopped arriving.
    pub(super) fn holds(&self, rule: Rule) -> bool {
        let rests_on = no_data::rests_on(rule);
        self.agenda.silent.iter().any(|(_, family)| rests_on.contains(family))
    }
}
