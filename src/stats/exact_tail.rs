//! Whether a binomial tail lies below a decimal, decided in whole numbers of any size.
//!
//! Three of three at 10 % is exactly 0.001, which floats see on either side. Used only where floats cannot
//! tell, so plain schoolbook arithmetic is enough.

/// A whole number of any size, 32 bits a limb, the lowest first.
#[derive(Clone, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn one() -> Natural {
        Natural(vec![1])
    }

    fn times(&mut self, factor: u32) {
        let mut carry = 0u64;
        for limb in &mut self.0 {
            carry += u64::from(*limb) * u64::from(factor);
            *limb = carry as u32;
            carry >>= 32;
        }
        self.0.push(carry as u32);
        self.trim();
    }

    /// Divides by a divisor of this number.
    fn divided_by(&mut self, divisor: u32) {
        let mut rest = 0u64;
        for limb in self.0.iter_mut().rev() {
            rest = rest << 32 | u64::from(*limb);
            *limb = (rest / u64::from(divisor)) as u32;
            rest %= u64::from(divisor);
        }
        debug_assert_eq!(rest, 0);
        self.trim();
    }

    fn plus(&mut self, other: &Natural) {
        self.0.resize(self.0.len().max(other.0.len()) + 1, 0);
        let mut carry = 0u64;
        for (i, limb) in self.0.iter_mut().enumerate() {
            carry += u64::from(*limb) + u64::from(other.0.get(i).copied().unwrap_or(0));
            *limb = carry as u32;
            carry >>= 32;
        }
        self.trim();
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }

    fn is_below(&self, other: &Natural) -> bool {
        let highest_first = |n: &Natural| n.0.iter().rev().copied().collect::<Vec<_>>();
        (self.0.len(), highest_first(self)) < (other.0.len(), highest_first(other))
    }
}

/// Whether P(X >= k) < limit/10^6 for X ~ Binomial(n, p/10^6), both parts in millionths; exactly.
///
/// Its time grows with n²; n must fit 32 bits, which the caller sees to.
pub(crate) fn is_below(k: u32, n: u32, p_millionths: u32, limit_millionths: u32) -> bool {
    let divisor = gcd(p_millionths, 1_000_000);
    let (p, q) = (p_millionths / divisor, (1_000_000 - p_millionths) / divisor);
    let whole = p + q;
    // Horner over i from n down to k: S = C(n, i) q^(n−i) + p S, and P(X >= k) = p^k S / (p + q)^n.
    let mut sum = Natural(Vec::new());
    let mut term = Natural::one();
    for i in (k..=n).rev() {
        sum.times(p);
        sum.plus(&term);
        if i > 0 {
            term.times(i);
            term.divided_by(n - i + 1);
            term.times(q);
        }
    }
    (0..k).for_each(|_| sum.times(p));
    let mut limit = Natural::one();
    (0..n).for_each(|_| limit.times(whole));
    sum.times(1_000_000);
    limit.times(limit_millionths);
    sum.is_below(&limit)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::binomial;
    use super::*;

    #[test]
    fn decides_on_the_line() {
        // 0.1³ = 0.001; 0.5^6 = 0.015625; C(4, 3) 0.5^4 + 0.5^4 = 0.3125; 0.001 = 0.001.
        for (k, n, p, limit) in
            [(3, 3, 100_000, 1_000), (6, 6, 500_000, 15_625), (3, 4, 500_000, 312_500), (1, 1, 1_000, 1_000)]
        {
            assert!(!is_below(k, n, p, limit), "{k} of {n}");
            assert!(is_below(k, n, p, limit + 1), "{k} of {n}");
        }
        assert!(!is_below(0, 0, 0, 1_000_000));
        assert!(is_below(1, 5, 0, 1));
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_float_tail(
            n in 1u32..300, k in 0.0..1.0f64, p in 0u32..=1_000_000, limit in 1u32..1_000_000,
        ) {
            let k = (k * f64::from(n)) as u32;
            let tail = binomial::at_least(i64::from(k), u64::from(n), f64::from(p) / 1e6).value();
            if (tail * 1e6 / f64::from(limit) - 1.0).abs() > 1e-9 {
                proptest::prop_assert_eq!(is_below(k, n, p, limit), tail * 1e6 < f64::from(limit));
            }
        }
    }
}
