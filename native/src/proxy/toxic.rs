//! What can be done to the connections of a proxy. The names are toxiproxy's, with `loss` and `stall` besides.
use crate::contract::error::NativeError;
use crate::contract::fault::Direction;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The retransmission time a lost chunk waits when none is given: Linux's `TCP_RTO_MIN`, 200 ms.
pub const RTO_MS: u64 = 200;
/// No delay is longer: a fault lasts 300 s at most.
const LONGEST_MS: u64 = 300_000;

fn rto() -> u64 {
    RTO_MS
}

/// One kind of harm. Spans are ms unless the name says otherwise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Toxic {
    /// Every chunk arrives so much later, give or take the jitter, evenly spread. Order is kept.
    Latency {
        latency_ms: u64,
        #[serde(default)]
        jitter_ms: u64,
    },
    /// So many percent of the chunks (16 KiB at most) wait one retransmission time, doubled each time they are lost
    /// again, and everything behind them waits too: what loss looks like above TCP.
    Loss {
        percent: f64,
        #[serde(default = "rto")]
        rto_ms: u64,
    },
    /// Bytes a second.
    Bandwidth { bytes_per_s: u64 },
    /// The end of a stream arrives so much later.
    SlowClose { delay_ms: u64 },
    /// Bytes vanish; after `timeout_ms` the connection is closed, 0: never. A connection that has lost bytes is reset
    /// when the toxic goes: a stream with a hole in it would be harm that no network does.
    Timeout {
        #[serde(default)]
        timeout_ms: u64,
    },
    /// Chunks are cut into slices of about this size, `delay_us` (microseconds) apart.
    Slicer {
        average_bytes: u64,
        #[serde(default)]
        variation_bytes: u64,
        #[serde(default)]
        delay_us: u64,
    },
    /// The connection is closed once so many bytes went through.
    LimitData { bytes: u64 },
    /// The connection is reset after so long, counted from its opening or from the toxic's coming.
    ResetPeer {
        #[serde(default)]
        after_ms: u64,
    },
    /// Nothing passes and nothing is lost: a partition. It goes on where it stood when the toxic goes.
    Stall {},
}

/// Whether a direction is about the bytes that go up (or down).
pub fn covers(direction: Direction, up: bool) -> bool {
    match direction {
        Direction::Both => true,
        Direction::Up => up,
        Direction::Down => !up,
    }
}

fn all() -> f64 {
    1.0
}

/// A toxic with its name, and whom it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dose {
    /// The caller's; another of the same name takes its place.
    pub name: String,
    pub toxic: Toxic,
    #[serde(default)]
    pub direction: Direction,
    /// The share of connections it is for, 0 to 1; which ones follows from the seed.
    #[serde(default = "all")]
    pub toxicity: f64,
    #[serde(default)]
    pub seed: u64,
}

impl Dose {
    /// Whether it can be done as it stands.
    ///
    /// # Errors
    /// `proxy-toxic` with the reason.
    pub fn check(&self) -> Result<(), NativeError> {
        let no = |what: &str| {
            Err(NativeError::new(
                "proxy-toxic",
                format!("The toxic {:?} cannot be: {what}.", self.name),
                "See `hms-native proxy --help` for what each takes.",
            ))
        };
        if self.name.is_empty() || self.name.len() > 200 {
            return no("a name has 1 to 200 bytes");
        }
        if !(0.0..=1.0).contains(&self.toxicity) {
            return no("toxicity is a share from 0 to 1");
        }
        let (spans, whole): (&[u64], bool) = match &self.toxic {
            Toxic::Latency {
                latency_ms,
                jitter_ms,
            } => (&[*latency_ms, *jitter_ms], true),
            Toxic::Loss { percent, rto_ms } => (&[*rto_ms], (0.0..=100.0).contains(percent)),
            Toxic::Bandwidth { bytes_per_s } => (&[], *bytes_per_s > 0),
            Toxic::SlowClose { delay_ms } => (&[*delay_ms], true),
            Toxic::Timeout { timeout_ms } => (&[*timeout_ms], true),
            Toxic::Slicer {
                average_bytes,
                delay_us,
                ..
            } => (&[*delay_us / 1000], *average_bytes > 0),
            Toxic::ResetPeer { after_ms } => (&[*after_ms], true),
            Toxic::LimitData { .. } | Toxic::Stall {} => (&[], true),
        };
        if !whole {
            return no("a rate or a size is at least 1, and a percentage is from 0 to 100");
        }
        if spans.iter().any(|span| *span > LONGEST_MS) {
            return no("nothing takes longer than 300 s");
        }
        Ok(())
    }
}

/// Shorthand for the spans above.
pub fn ms(span: u64) -> Duration {
    Duration::from_millis(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dose, String> {
        let dose: Dose = serde_json::from_str(text).map_err(|e| e.to_string())?;
        dose.check().map_err(|e| e.message.to_string())?;
        Ok(dose)
    }

    #[test]
    fn a_dose_is_read_with_its_defaults() {
        let dose = read(r#"{"name":"a","toxic":{"type":"latency","latency_ms":100}}"#).unwrap();
        assert_eq!(dose.direction, Direction::Both);
        assert!((dose.toxicity - 1.0).abs() < f64::EPSILON);
        assert_eq!(
            dose.toxic,
            Toxic::Latency {
                latency_ms: 100,
                jitter_ms: 0
            }
        );
        assert!(read(r#"{"name":"a","toxic":{"type":"stall"}}"#).is_ok());
    }

    #[test]
    fn what_cannot_be_is_refused() {
        for text in [
            r#"{"name":"","toxic":{"type":"latency","latency_ms":1}}"#,
            r#"{"name":"a","toxic":{"type":"latency","latency_ms":300001}}"#,
            r#"{"name":"a","toxic":{"type":"latency","latency_ms":-1}}"#,
            r#"{"name":"a","toxic":{"type":"latency","latency_ms":1,"more":1}}"#,
            r#"{"name":"a","toxic":{"type":"loss","percent":101}}"#,
            r#"{"name":"a","toxic":{"type":"bandwidth","bytes_per_s":0}}"#,
            r#"{"name":"a","toxic":{"type":"slicer","average_bytes":0}}"#,
            r#"{"name":"a","toxicity":1.5,"toxic":{"type":"stall"}}"#,
            r#"{"name":"a","toxic":{"type":"unheard_of"}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn directions_cover_what_they_say() {
        for (direction, up, down) in [
            (Direction::Both, true, true),
            (Direction::Up, true, false),
            (Direction::Down, false, true),
        ] {
            assert_eq!(
                (covers(direction, true), covers(direction, false)),
                (up, down)
            );
        }
    }
}
