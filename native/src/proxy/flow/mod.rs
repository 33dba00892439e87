//! One direction of one connection: reads from its source, holds back what the toxics hold back, writes to its sink.
//!
//! Without toxics bytes go straight on, and once there are many, by splice(2). What the sink does not take is kept and
//! nothing more is read: who sends feels it as they would without a proxy.
#[cfg(target_os = "linux")]
mod bulk;

use super::shape::{Shape, Stage};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use rustix::net::{Shutdown, shutdown};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

/// Bytes one direction holds back at most: as a window of TCP's would.
const WINDOW: usize = 4 * 1024 * 1024;
/// What a held piece costs beside its bytes.
const PIECE_COST: usize = 64;
/// After so many bytes it is another connection's turn.
const TURN: usize = 1024 * 1024;
/// How a direction ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The source sends no more; the other direction goes on.
    Fin,
    /// The source is broken, or bytes of the stream were lost: both sides see a reset.
    Reset,
    /// The connection is closed, both ways.
    Close,
}

/// What it waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wants {
    /// Bytes from its source.
    pub read: bool,
    /// Room in its sink.
    pub write: bool,
    /// A moment.
    pub wake: Option<Instant>,
}

#[derive(Debug)]
struct Held {
    due: Instant,
    data: Rc<[u8]>,
    from: usize,
    to: usize,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Flow {
    shape: Shape,
    queue: VecDeque<Held>,
    held: usize,
    end: Option<(End, Instant)>,
    delivered: Option<End>,
    /// Its sink takes nothing any more.
    dead: bool,
    /// Its source can be read no more because it broke.
    broken: bool,
    /// What it waits for since it was last pumped.
    pub wants: Wants,
    /// Bytes that went through.
    pub bytes: u64,
    /// Bytes that vanished.
    pub lost: u64,
    #[cfg(target_os = "linux")]
    bulk: bulk::Bulk,
}

impl Flow {
    /// What it costs to hold what is held back, bytes.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Toxics are at work, or what they held back is not through yet.
    pub fn is_shaped(&self) -> bool {
        !self.shape.is_plain()
    }

    /// How it ended for its sink, once it has.
    pub fn delivered(&self) -> Option<End> {
        self.delivered
    }

    /// Its sink broke before its end was delivered.
    pub fn is_dead(&self) -> bool {
        self.dead
    }

    /// Its source broke: nothing can be written to it either.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Nothing more goes this way.
    pub fn is_over(&self) -> bool {
        self.dead || self.delivered.is_some()
    }

    /// Its sink is gone.
    pub fn kill(&mut self) {
        self.dead = true;
        self.wants = Wants::default();
        self.queue.clear();
        self.held = 0;
        #[cfg(target_os = "linux")]
        {
            self.bulk.pipe = None;
        }
    }

    /// A toxic begins.
    pub fn add(&mut self, stage: Stage) {
        self.shape.add(stage);
    }

    /// A toxic ends: what was held back goes on now. False when bytes were lost by it, so that the stream is spoilt.
    pub fn remove(&mut self, key: u64, now: Instant) -> bool {
        let Some(lost) = self.shape.remove(key) else {
            return true;
        };
        for held in &mut self.queue {
            held.due = now;
        }
        if let Some((_, due)) = &mut self.end {
            *due = now;
        }
        !lost
    }

    /// Moves what can be moved now; `wants` says what to wait for. `room`: bytes that may be held back in all proxies.
    pub fn pump(
        &mut self,
        source: &OwnedFd,
        sink: &OwnedFd,
        now: Instant,
        room: usize,
        scratch: &mut [u8],
    ) {
        self.wants = Wants::default();
        let begun = self.bytes;
        let mut drained = false;
        while !self.is_over() && !self.shape.is_stalled() {
            self.pour(sink, now);
            self.finish(sink, now);
            let turn_over = self.bytes - begun >= TURN as u64;
            if drained || turn_over || !self.may_read(room) {
                break;
            }
            drained = self.take(source, sink, now, scratch);
        }
        if self.is_over() || self.shape.is_stalled() {
            self.wants = Wants::default();
            return;
        }
        self.wants.read = self.may_read(room);
        self.wants.wake = match (self.queue.front(), self.end) {
            (Some(held), _) => Some(held.due),
            (None, Some((_, due))) => Some(due),
            (None, None) => None,
        }
        .filter(|due| *due > now);
    }

    fn may_read(&self, room: usize) -> bool {
        if self.is_over() || self.end.is_some() || self.piped() > 0 {
            return false;
        }
        if self.shape.is_plain() {
            return self.queue.is_empty();
        }
        self.held < WINDOW && (room > 0 || self.held == 0)
    }

    /// Writes what is due.
    fn pour(&mut self, sink: &OwnedFd, now: Instant) {
        self.wants.write = false;
        #[cfg(target_os = "linux")]
        if !self.push(sink) {
            return;
        }
        while let Some(held) = self.queue.front_mut() {
            if held.due > now {
                return;
            }
            match write(sink, &held.data[held.from..held.to]) {
                Ok(count) => {
                    held.from += count;
                    self.held -= count;
                    self.bytes += count as u64;
                    if held.from == held.to {
                        self.held -= PIECE_COST;
                        self.queue.pop_front();
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    self.wants.write = true;
                    return;
                }
                Err(_) => return self.kill(),
            }
        }
    }

    /// Passes the end on once everything before it is through.
    fn finish(&mut self, sink: &OwnedFd, now: Instant) {
        let Some((end, due)) = self.end else { return };
        if self.is_over() || !self.queue.is_empty() || self.piped() > 0 || due > now {
            return;
        }
        if end == End::Fin {
            // A sink that is gone will say so in the other direction.
            let _ = shutdown(sink, Shutdown::Write);
        }
        self.delivered = Some(end);
    }

    /// Reads once. True when the source has no more for now.
    fn take(&mut self, source: &OwnedFd, sink: &OwnedFd, now: Instant, scratch: &mut [u8]) -> bool {
        #[cfg(target_os = "linux")]
        if let Some(drained) = self.pull(source, now) {
            return drained;
        }
        match read(source, &mut *scratch) {
            Ok(0) => self.ends(
                if self.shape.has_lost() {
                    End::Reset
                } else {
                    End::Fin
                },
                now,
            ),
            Ok(count) => {
                #[cfg(target_os = "linux")]
                self.bulk.saw(count);
                if self.shape.is_plain() {
                    self.pass(sink, now, &scratch[..count]);
                } else {
                    self.hold(now, &scratch[..count]);
                }
                return count < scratch.len();
            }
            Err(Errno::INTR) => return false,
            Err(Errno::AGAIN) => {}
            Err(_) => self.breaks(now),
        }
        true
    }

    fn ends(&mut self, end: End, now: Instant) {
        self.end = Some((end, self.shape.end(now)));
    }

    fn breaks(&mut self, now: Instant) {
        self.broken = true;
        self.ends(End::Reset, now);
    }

    /// Straight on; what the sink does not take is kept.
    fn pass(&mut self, sink: &OwnedFd, now: Instant, bytes: &[u8]) {
        let mut at = 0;
        while at < bytes.len() {
            match write(sink, &bytes[at..]) {
                Ok(count) => {
                    at += count;
                    self.bytes += count as u64;
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return self.keep(now, &bytes[at..]),
                Err(_) => return self.kill(),
            }
        }
    }

    fn keep(&mut self, now: Instant, bytes: &[u8]) {
        self.held += bytes.len() + PIECE_COST;
        self.queue.push_back(Held {
            due: now,
            data: Rc::from(bytes),
            from: 0,
            to: bytes.len(),
        });
        self.wants.write = true;
    }

    /// As the toxics say.
    fn hold(&mut self, now: Instant, bytes: &[u8]) {
        let admitted = self.shape.admit(now, bytes.len());
        let data: Rc<[u8]> = Rc::from(bytes);
        let mut from = 0;
        for piece in admitted.pieces {
            let to = from + piece.len;
            let data = Rc::clone(&data);
            self.held += piece.len + PIECE_COST;
            self.queue.push_back(Held {
                due: piece.due,
                data,
                from,
                to,
            });
            from = to;
        }
        self.lost += (bytes.len() - from) as u64;
        if admitted.cut {
            self.ends(End::Close, now);
        }
    }

    #[cfg(target_os = "linux")]
    fn piped(&self) -> usize {
        self.bulk.pipe.as_ref().map_or(0, |pipe| pipe.held)
    }

    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::unused_self)]
    fn piped(&self) -> usize {
        0
    }
}
