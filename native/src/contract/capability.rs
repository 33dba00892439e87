//! What this machine can do, and who takes it back.
use serde::{Deserialize, Serialize};

use super::bounded::{Long, Text};

/// Who takes an effect back when everyone of ours is dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reverter {
    Kernel,
    Guardian,
    None,
}

/// One thing this machine can or cannot do, and by which mechanism.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capability {
    pub name: Text<1, 64>,
    pub available: bool,
    /// The one that would be used; empty when there is none.
    pub mechanism: Text<0, 64>,
    /// Whether that mechanism needs root or a capability of the kernel's.
    pub privileged: bool,
    pub revert: Reverter,
    /// Why it is not available, or what is weaker than it could be; empty otherwise.
    pub because: Long,
    pub remedy: Long,
}
