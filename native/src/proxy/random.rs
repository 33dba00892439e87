//! Chance that can be had again: the same seed gives the same connections, losses and jitter.

/// Splitmix64 (Steele, Lea, Flood 2014): small, even enough for choosing chunks, and no crate.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Independent streams of one seed: `path` tells them apart (toxic, connection, direction).
    pub fn of(seed: u64, path: &[u64]) -> Self {
        let mut state = Self(seed);
        for step in path {
            state = Self(state.draw() ^ step.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        }
        state
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to just below 1.
    #[allow(clippy::cast_precision_loss)] // 53 bits fit a double exactly.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` to `high`, both included; `low` when there is nothing between.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let span = high.saturating_sub(low);
        if span == u64::MAX {
            return self.draw();
        }
        low + self.draw() % (span + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_and_paths_differ() {
        let draw = |seed, path: &[u64]| Random::of(seed, path).draw();
        assert_eq!(draw(7, &[1, 2]), draw(7, &[1, 2]));
        assert_ne!(draw(7, &[1, 2]), draw(7, &[2, 1]));
        assert_ne!(draw(7, &[1]), draw(8, &[1]));
    }

    #[test]
    fn a_share_of_draws_is_below_a_share() {
        let below = (0..10_000)
            .filter(|n| Random::of(3, &[*n]).unit() < 0.3)
            .count();
        assert!((2_700..3_300).contains(&below), "{below}");
        let mut random = Random::of(1, &[]);
        assert!((0..1000).all(|_| (5..=9).contains(&random.between(5, 9))));
        assert_eq!(random.between(9, 5), 9);
    }
}
