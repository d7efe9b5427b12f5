//! What a chart saw in its last run that was at a threshold.

/// Of the last so many that a chart saw those until it stood highest, for the last time.
pub(super) fn until_highest<T: Copy>(course: &[(T, f64)], last: usize) -> Vec<T> {
    let run = &course[course.len() - last..];
    let highest = run.iter().enumerate().max_by(|a, b| a.1.1.total_cmp(&b.1.1).then(a.0.cmp(&b.0)));
    let to = highest.map_or(0, |(place, _)| place + 1);
    run[..to].iter().map(|(seen, _)| *seen).collect()
}

/// What a chart saw since the beginning of its run of positive values that was last at a threshold; all, if none was.
pub(super) fn last_run<T>(course: Vec<(T, f64)>, threshold: f64) -> Vec<T> {
    let (mut begins, mut of_run) = (0, 0);
    for (place, (_, s)) in course.iter().enumerate() {
        if *s >= threshold {
            begins = of_run;
        }
        if *s == 0.0 {
            of_run = place + 1;
        }
    }
    course.into_iter().skip(begins).map(|(seen, _)| seen).collect()
}
