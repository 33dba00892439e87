//! Plans and states of injections.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bounded::{Count, Long};
use super::fault::Revert;

/// What an injection would do, exactly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub id: String,
    pub mechanism: String,
    pub privileged: bool,
    /// One sentence or system call each, in order.
    pub effects: Vec<Long>,
    pub reverts: Vec<Revert>,
    pub ends_within_ms: Count,
    /// Why it would be refused now; empty when it would not be.
    pub refused: Long,
    pub remedy: Long,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Journalled,
    Applied,
    Reverting,
    Reverted,
    Failed,
}

/// A measured value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Measure {
    Number(serde_json::Number),
    Text(String),
}

impl From<u64> for Measure {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<f64> for Measure {
    /// What is no number in JSON becomes 0.
    fn from(number: f64) -> Self {
        Self::Number(serde_json::Number::from_f64(number).unwrap_or_else(|| 0.into()))
    }
}

impl From<&str> for Measure {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// What was measured, by name.
pub type Detail = BTreeMap<String, Measure>;

/// Where an injection stands. `Reverted` is said only when a probe has seen that nothing is left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultState {
    pub id: String,
    pub phase: Phase,
    /// Wall clock, ms.
    pub at: Count,
    /// `time`, `halt`, `pipe`, `lease`, `guardian`, `recovered`, or an error's code.
    pub because: Long,
    pub detail: Detail,
    /// What the probe still found; empty when all is as before.
    pub residues: Vec<Long>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    pub recovered: Vec<FaultState>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    pub faults: Vec<FaultState>,
}
