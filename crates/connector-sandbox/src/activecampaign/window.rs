//! The rate limit: so many requests in any second, however they lie in it.

use std::collections::VecDeque;

/// What the limit is about.
const WINDOW_MS: i64 = 1000;

/// When the last requests came.
#[derive(Default)]
pub(super) struct Window(VecDeque<i64>);

impl Window {
    /// Counts a request of now, or refuses it: then the seconds until it would do. What is refused does not count.
    pub(super) fn count(&mut self, most: u32, now_ms: i64) -> Result<(), u64> {
        self.forget(now_ms);
        let most = most.max(1) as usize;
        match self.0.len().checked_sub(most) {
            None => {
                self.0.push_back(now_ms);
                Ok(())
            }
            Some(at) => {
                let wait = WINDOW_MS - (now_ms - self.0[at]);
                Err(u64::try_from(wait).unwrap_or(0).div_ceil(1000).max(1))
            }
        }
    }

    /// How many the second that ends now can still have.
    pub(super) fn left(&self, most: u32) -> u64 {
        u64::from(most.max(1)).saturating_sub(self.0.len() as u64)
    }

    /// A request that came a whole second ago is in no second with one of now.
    fn forget(&mut self, now_ms: i64) {
        while self.0.front().is_some_and(|at| now_ms - at >= WINDOW_MS) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_wherever_it_begins() {
        let mut window = Window::default();
        for at in [0, 200, 400, 600, 800] {
            assert_eq!(window.count(5, at), Ok(()));
        }
        assert_eq!((window.left(5), window.count(5, 999)), (0, Err(1)));
        assert_eq!(window.count(5, 1000), Ok(()), "the first is a whole second ago");
        assert_eq!(window.count(5, 1100), Err(1));
        assert_eq!(window.count(5, 1200), Ok(()));
        assert_eq!(window.count(5, 9000), Ok(()));
        assert_eq!(window.left(5), 4);
    }
}
