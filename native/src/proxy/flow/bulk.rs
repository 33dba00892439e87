//! A direction that carries much passes it on by splice(2), through a pipe: nothing is copied.
use super::super::pipe::{Pipe, Step};
use super::{End, Flow};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use std::time::Instant;

/// A read of so many bytes is one of a bulk transfer; after a few of them bytes are spliced.
const BULK: usize = 48 * 1024;
const BULK_READS: u8 = 4;

#[derive(Debug, Default)]
pub(super) struct Bulk {
    reads: u8,
    pub(super) pipe: Option<Pipe>,
    /// One of the sockets cannot be spliced.
    refused: bool,
}

impl Bulk {
    pub(super) fn saw(&mut self, count: usize) {
        self.reads = if count >= BULK {
            self.reads.saturating_add(1)
        } else {
            0
        };
    }
}

impl Flow {
    /// Empties the pipe into the sink; false while it holds bytes, and when the sink broke.
    pub(super) fn push(&mut self, sink: &OwnedFd) -> bool {
        while let Some(pipe) = self.bulk.pipe.as_mut().filter(|pipe| pipe.held > 0) {
            match pipe.push(sink) {
                Ok(Step::Moved(count)) => self.bytes += count as u64,
                Ok(Step::Blocked | Step::Ended) => {
                    self.wants.write = true;
                    return false;
                }
                Err(_) => {
                    self.kill();
                    return false;
                }
            }
        }
        // Two descriptors that a quiet or a shaped connection has no use for.
        if self.bulk.reads < BULK_READS || !self.shape.is_plain() {
            self.bulk.pipe = None;
        }
        true
    }

    /// Fills the pipe from the source, when this is a bulk transfer. None: read instead.
    pub(super) fn pull(&mut self, source: &OwnedFd, now: Instant) -> Option<bool> {
        if self.bulk.reads < BULK_READS || self.bulk.refused || !self.shape.is_plain() {
            return None;
        }
        if self.bulk.pipe.is_none() {
            self.bulk.pipe = Pipe::new().ok();
        }
        match self.bulk.pipe.as_mut()?.pull(source) {
            Ok(Step::Moved(count)) => {
                if count < BULK / 4 {
                    self.bulk.reads -= 1;
                } else {
                    self.bulk.reads = BULK_READS * 2;
                }
                Some(false)
            }
            Ok(Step::Blocked) => Some(true),
            Ok(Step::Ended) => {
                self.ends(End::Fin, now);
                Some(true)
            }
            Err(Errno::INVAL) => {
                self.bulk.refused = true;
                None
            }
            Err(_) => {
                self.breaks(now);
                Some(true)
            }
        }
    }
}
