//! How long a connection is waited for: 30 s for the head of a request, longer between requests.
//!
//! hyper has one limit for both. Load balancers keep idle connections for 60 s, and one that is closed under them just
//! as they send on it costs a client a 502; so idle connections live longer than theirs.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep_until},
};

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(30);

/// How long a connection may stay without any request, or an answer without any progress.
const IDLE: Duration = Duration::from_secs(75);

/// How often is looked.
const LOOK: Duration = Duration::from_secs(5);

/// What a connection is doing, and since when.
pub(super) struct Patience {
    born: Instant,
    /// 0 while a request is being answered; else twice the milliseconds since birth, plus 2, plus 1 within a head.
    state: AtomicU64,
}

impl Patience {
    /// A new connection is expected to send a head at once.
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { born: Instant::now(), state: AtomicU64::new(3) })
    }

    /// A head is complete.
    pub(super) fn busy(&self) {
        self.state.store(0, Ordering::Relaxed);
    }

    /// An answer is made.
    pub(super) fn idle(&self) {
        self.state.store(self.now(), Ordering::Relaxed);
    }

    fn heard(&self) {
        let state = self.state.load(Ordering::Relaxed);
        if state != 0 && state & 1 == 0 {
            self.state.store(self.now() | 1, Ordering::Relaxed);
        }
    }

    fn told(&self) {
        let state = self.state.load(Ordering::Relaxed);
        if state != 0 && state & 1 == 0 {
            self.idle();
        }
    }

    fn now(&self) -> u64 {
        (u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX / 4) + 1) << 1
    }

    /// Ends when the connection has been waited for long enough.
    pub(super) async fn lost(&self) {
        loop {
            let state = self.state.load(Ordering::Relaxed);
            let since = self.born + Duration::from_millis((state >> 1).saturating_sub(1));
            let until = match state {
                0 => None,
                head if head & 1 == 1 => Some(since + HEAD),
                _ => Some(since + IDLE),
            };
            let now = Instant::now();
            if until.is_some_and(|until| until <= now) {
                return;
            }
            let look = now + LOOK;
            sleep_until(until.map_or(look, |until| until.min(look))).await;
        }
    }
}

/// A stream that tells its [`Patience`] what it hears and says.
pub(super) struct Observed<S> {
    stream: S,
    patience: Arc<Patience>,
}

impl<S> Observed<S> {
    pub(super) fn new(stream: S, patience: Arc<Patience>) -> Self {
        Self { stream, patience }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Observed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.patience.heard();
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Observed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        if polled.is_ready() {
            self.patience.told();
        }
        polled
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        if polled.is_ready() {
            self.patience.told();
        }
        polled
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_until_lost(patience: &Patience) -> u64 {
        let begun = Instant::now();
        patience.lost().await;
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_has_thirty_seconds_and_an_idle_connection_outlives_a_balancers() {
        assert_eq!(seconds_until_lost(&Patience::new()).await, 30, "a client that says nothing at all");
        let patience = Patience::new();
        patience.busy();
        assert!(
            tokio::time::timeout(Duration::from_mins(10), patience.lost()).await.is_err(),
            "being answered"
        );
        patience.idle();
        assert_eq!(seconds_until_lost(&patience).await, 75, "between requests");
        patience.idle();
        patience.heard();
        tokio::time::sleep(Duration::from_secs(20)).await;
        patience.heard();
        assert_eq!(seconds_until_lost(&patience).await, 10, "a head that comes in drops");
        patience.idle();
        tokio::time::sleep(Duration::from_secs(70)).await;
        patience.told();
        assert_eq!(seconds_until_lost(&patience).await, 75, "an answer that is still being read");
    }
}
