//! What a person with tables and a calculator works out.

use jiff::civil::Date;

/// Equal, but for the last digits of a float.
#[track_caller]
pub fn same(of: &str, printed: f64, is: f64) {
    assert!((printed - is).abs() <= 1e-9 * is.abs().max(1.0), "{of}: {printed} is said, and it is {is}");
}

/// The normal quantile of 1 − 1 % / m, from tables.
pub const ONE_PERCENT_OF: [f64; 4] = [2.326_347_874, 2.575_829_304, 2.713_051_888, 2.807_033_768];

/// The normal quantiles of 95 % and 97.5 %, from tables.
pub const Z90: f64 = 1.644_853_627;
pub const Z95: f64 = 1.959_963_985;

pub fn odds(share: f64) -> f64 {
    share / (1.0 - share)
}

/// Wilson's limits of k in n: Journal of the American Statistical Association 22, 1927.
pub fn wilson(k: f64, n: f64, z: f64) -> (f64, f64) {
    let (p, z2) = (k / n, z * z);
    let (middle, reach) = (p + z2 / (2.0 * n), z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt());
    let of = |x: f64| (x / (1.0 + z2 / n)).clamp(0.0, 1.0);
    (of(middle - reach), of(middle + reach))
}

/// The whole numbers in words.
pub fn whole_numbers(words: &str) -> Vec<f64> {
    words.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

/// ln Γ(a): Stirling's series where it is exact to all digits, and Γ(a + 1) = a Γ(a) below.
pub fn ln_gamma(a: f64) -> f64 {
    if a < 20.0 {
        return ln_gamma(a + 1.0) - a.ln();
    }
    let series = 1.0 / (12.0 * a) - 1.0 / (360.0 * a.powi(3)) + 1.0 / (1260.0 * a.powi(5));
    (a - 0.5) * a.ln() - a + 0.5 * (2.0 * std::f64::consts::PI).ln() + series
}

/// P(X ≥ k) for X of Poisson, and of any k > 0: the regularised incomplete gamma function by its series.
pub fn at_least(k: f64, mean: f64) -> f64 {
    let terms =
        std::iter::successors(Some((k, 1.0)), |(at, term)| Some((at + 1.0, term * mean / (at + 1.0))));
    let sum: f64 = terms.take_while(|(at, term)| *at < mean || *term > 1e-17).map(|(_, term)| term).sum();
    (k * mean.ln() - mean - ln_gamma(k + 1.0) + sum.ln()).exp()
}

/// Garwood's limits of the mean of which k were seen, each with so much beyond it: Biometrika 28, 1936.
pub fn garwood(k: f64, beyond: f64) -> (f64, f64) {
    let solve = |is_below: &dyn Fn(f64) -> bool| {
        let (mut low, mut high) = (0.0, k + 10.0 * k.sqrt() + 50.0);
        for _ in 0..100 {
            let middle = (low + high) / 2.0;
            if is_below(middle) { low = middle } else { high = middle }
        }
        low
    };
    let low = if k > 0.0 { solve(&|mean| at_least(k, mean) < beyond) } else { 0.0 };
    (low, solve(&|mean| 1.0 - at_least(k + 1.0, mean) > beyond))
}

/// P(X > z) for a normal X: Simpson's rule over the density.
pub fn normal_beyond(z: f64) -> f64 {
    let density = |x: f64| (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (steps, width) = (4_000, 12.0);
    let weight = |i: i32| if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    let h = width / f64::from(steps);
    (0..=steps).map(|i| weight(i) * density(z + h * f64::from(i))).sum::<f64>() * h / 3.0
}

/// P(X ≥ k) for X of Poisson, term by term.
pub fn poisson_at_least(k: f64, mean: f64) -> f64 {
    let terms =
        std::iter::successors(Some((0.0, (-mean).exp())), |(i, p)| Some((i + 1.0, p * mean / (i + 1.0))));
    1.0 - terms.take_while(|(i, _)| *i < k).map(|(_, p)| p).sum::<f64>()
}

/// How many days there are in a range of dates: `2026-03-02 to 2026-03-08`, or one of them alone.
pub fn days_of(range: &str) -> f64 {
    let day = |date: &str| date.parse::<Date>().unwrap_or_else(|_| panic!("{date} is no date"));
    let (from, to) = range.split_once(" to ").unwrap_or((range, range));
    day(to).duration_since(day(from)).as_hours() as f64 / 24.0 + 1.0
}
