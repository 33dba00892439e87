//! When the bytes of one direction of one connection are due: the toxics as a calculation. No clock, no sockets.
use super::random::Random;
use super::toxic::{Toxic, ms};
use std::time::{Duration, Instant};

/// What is lost together: about what a sender has in flight at a time, and small enough that a percentage means something.
const LOSS_CHUNK: usize = 16 * 1024;
/// A chunk is lost so many times in a row at most: 200 ms doubled six times are 12.6 s.
const LOST_IN_A_ROW: u32 = 6;
/// Bandwidth is handed out in portions of a hundredth of a second, of these bytes at most.
const PORTION: u64 = 16 * 1024;

/// One toxic at work on one direction of one connection.
#[derive(Debug)]
pub struct Stage {
    /// The toxic's, so that it can be taken out.
    pub key: u64,
    toxic: Toxic,
    random: Random,
    /// When the link is free again (bandwidth, slicer).
    free_at: Option<Instant>,
    /// Bytes that may still pass (limit).
    left: u64,
    /// Bytes of this stream have vanished.
    lost: bool,
}

impl Stage {
    /// A toxic that begins now.
    pub fn new(key: u64, toxic: Toxic, random: Random) -> Self {
        let left = match toxic {
            Toxic::LimitData { bytes } => bytes,
            _ => u64::MAX,
        };
        Self {
            key,
            toxic,
            random,
            free_at: None,
            left,
            lost: false,
        }
    }

    /// Place in the chain: what takes bytes away comes before what delays them, and what delays before what cuts them up.
    fn rank(&self) -> u8 {
        match self.toxic {
            Toxic::Timeout { .. } => 0,
            Toxic::LimitData { .. } => 1,
            Toxic::Latency { .. } => 2,
            Toxic::Loss { .. } => 3,
            Toxic::Slicer { .. } => 4,
            Toxic::Bandwidth { .. } => 5,
            Toxic::SlowClose { .. } | Toxic::ResetPeer { .. } | Toxic::Stall {} => 6,
        }
    }

    fn apply(&mut self, pieces: Vec<Piece>) -> Vec<Piece> {
        match self.toxic {
            Toxic::Timeout { .. } => {
                self.lost |= !pieces.is_empty();
                Vec::new()
            }
            Toxic::LimitData { .. } => self.limit(pieces),
            Toxic::Latency {
                latency_ms,
                jitter_ms,
            } => self.delay(pieces, ms(latency_ms), ms(jitter_ms)),
            Toxic::Loss { percent, rto_ms } => self.lose(pieces, percent / 100.0, ms(rto_ms)),
            Toxic::Slicer {
                average_bytes,
                variation_bytes,
                delay_us,
            } => self.slice(
                pieces,
                average_bytes,
                variation_bytes,
                Duration::from_micros(delay_us),
            ),
            Toxic::Bandwidth { bytes_per_s } => self.pace(pieces, bytes_per_s),
            Toxic::SlowClose { .. } | Toxic::ResetPeer { .. } | Toxic::Stall {} => pieces,
        }
    }

    fn limit(&mut self, pieces: Vec<Piece>) -> Vec<Piece> {
        pieces
            .into_iter()
            .filter_map(|piece| {
                let len = size(self.left).min(piece.len);
                self.left -= len as u64;
                (len > 0).then_some(Piece { len, ..piece })
            })
            .collect()
    }

    fn delay(&mut self, pieces: Vec<Piece>, latency: Duration, jitter: Duration) -> Vec<Piece> {
        let spread = micros(jitter) * 2;
        pieces
            .into_iter()
            .map(|piece| {
                let more = Duration::from_micros(self.random.between(0, spread));
                let due = piece.due + (latency + more).saturating_sub(jitter);
                Piece { due, ..piece }
            })
            .collect()
    }

    fn lose(&mut self, pieces: Vec<Piece>, share: f64, rto: Duration) -> Vec<Piece> {
        let chunks = pieces
            .into_iter()
            .flat_map(|piece| cut(piece, || LOSS_CHUNK));
        chunks
            .map(|mut piece| {
                let mut wait = rto;
                for _ in 0..LOST_IN_A_ROW {
                    if self.random.unit() >= share {
                        break;
                    }
                    piece.due += wait;
                    wait *= 2;
                }
                piece
            })
            .collect()
    }

    fn slice(
        &mut self,
        pieces: Vec<Piece>,
        average: u64,
        variation: u64,
        delay: Duration,
    ) -> Vec<Piece> {
        let (low, high) = (
            average.saturating_sub(variation).max(1),
            average.saturating_add(variation),
        );
        let mut slices = Vec::new();
        for piece in pieces {
            let random = &mut self.random;
            for mut slice in cut(piece, || size(random.between(low, high))) {
                slice.due = self.free_at.map_or(slice.due, |free| free.max(slice.due));
                self.free_at = Some(slice.due + delay);
                slices.push(slice);
            }
        }
        slices
    }

    fn pace(&mut self, pieces: Vec<Piece>, rate: u64) -> Vec<Piece> {
        let portion = size((rate / 100).clamp(1, PORTION));
        let mut paced = Vec::new();
        for piece in pieces {
            for mut part in cut(piece, || portion) {
                let begins = self.free_at.map_or(part.due, |free| free.max(part.due));
                let nanos = part.len as u128 * 1_000_000_000 / u128::from(rate);
                part.due = begins + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
                self.free_at = Some(part.due);
                paced.push(part);
            }
        }
        paced
    }
}

/// So many bytes of what was read, in order, and when they are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    pub due: Instant,
    pub len: usize,
}

/// What becomes of what was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Admitted {
    /// In order; together the first bytes of what was read. What is not in them vanished.
    pub pieces: Vec<Piece>,
    /// After them the connection is closed.
    pub cut: bool,
}

/// The chain of one direction of one connection.
#[derive(Debug, Default)]
pub struct Shape {
    stages: Vec<Stage>,
    last_due: Option<Instant>,
}

impl Shape {
    /// Nothing is done to the bytes.
    pub fn is_plain(&self) -> bool {
        self.stages.is_empty()
    }

    /// Nothing may move.
    pub fn is_stalled(&self) -> bool {
        let stall = |stage: &Stage| matches!(stage.toxic, Toxic::Stall {});
        self.stages.iter().any(stall)
    }

    /// Bytes of this stream have vanished.
    pub fn has_lost(&self) -> bool {
        self.stages.iter().any(|stage| stage.lost)
    }

    /// Puts a toxic in its place in the chain.
    pub fn add(&mut self, stage: Stage) {
        self.stages.push(stage);
        self.stages.sort_by_key(Stage::rank);
    }

    /// Takes a toxic out. Whether it was there, and whether bytes vanished by it.
    pub fn remove(&mut self, key: u64) -> Option<bool> {
        let at = self.stages.iter().position(|stage| stage.key == key)?;
        let stage = self.stages.remove(at);
        self.last_due = None;
        Some(stage.lost)
    }

    /// When `len` bytes that were read now are due. Never before what was read before them.
    pub fn admit(&mut self, now: Instant, len: usize) -> Admitted {
        let mut pieces = vec![Piece { due: now, len }];
        let mut cut = false;
        for stage in &mut self.stages {
            pieces = stage.apply(pieces);
            cut |= stage.left == 0;
        }
        for piece in &mut pieces {
            piece.due = self.in_order(piece.due);
        }
        Admitted { pieces, cut }
    }

    /// When the end of the stream, read now, is due.
    pub fn end(&mut self, now: Instant) -> Instant {
        let late = self.stages.iter().map(|stage| match stage.toxic {
            Toxic::SlowClose { delay_ms } => ms(delay_ms),
            Toxic::Latency { latency_ms, .. } => ms(latency_ms),
            _ => Duration::ZERO,
        });
        let due = now + late.sum::<Duration>();
        self.in_order(due)
    }

    fn in_order(&mut self, due: Instant) -> Instant {
        let due = self.last_due.map_or(due, |last| last.max(due));
        self.last_due = Some(due);
        due
    }
}

/// A piece in parts of these sizes.
fn cut(piece: Piece, mut part: impl FnMut() -> usize) -> Vec<Piece> {
    let mut parts = Vec::new();
    let mut left = piece.len;
    while left > 0 {
        let len = part().clamp(1, left);
        left -= len;
        parts.push(Piece { len, ..piece });
    }
    parts
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
#[path = "shape_tests.rs"]
mod tests;
