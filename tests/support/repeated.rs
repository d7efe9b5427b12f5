//! The same events on many days, as one line of a story.

use jiff::civil::Date;

/// Events on each day from Monday to Friday, or of the whole week.
pub struct Repeated<'a> {
    from: Date,
    to: Date,
    times: u32,
    at: &'a str,
    event: &'a str,
    weekends: bool,
}

impl Repeated<'_> {
    /// Reads `FROM TO xN HH:MM EVENT`.
    pub fn parse(text: &str, weekends: bool) -> Option<Repeated<'_>> {
        let mut words = text.splitn(5, ' ');
        let (from, to) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let times = words.next()?.strip_prefix('x')?.parse().ok()?;
        Some(Repeated { from, to, times, at: words.next()?, event: words.next()?, weekends })
    }

    /// The events, each with what tells it from the others.
    pub fn lines(&self) -> impl Iterator<Item = (String, String)> {
        let days = self.from.series(jiff::Span::new().days(1)).take_while(|day| *day < self.to);
        let meant = days.filter(|day| self.weekends || day.weekday().to_monday_zero_offset() < 5);
        meant.flat_map(move |day| {
            (1..=self.times).map(move |i| {
                let id = |day: Date| format!("{}/{i}", &day.to_string()[5..]);
                let before = |days: i64| id(day.saturating_sub(jiff::Span::new().days(days)));
                let mut event = self.event.replace("{}", &id(day)).replace("{n}", &i.to_string());
                while let Some((left, (days, right))) =
                    event.split_once("{-").and_then(|(left, rest)| Some((left, rest.split_once('}')?)))
                {
                    event = format!("{left}{}{right}", before(days.parse().expect("{-DAYS}")));
                }
                assert!(!event.contains('{'), "{event}: nothing stands for that");
                (id(day), format!("{day} {} {event}", self.at))
            })
        })
    }
}
