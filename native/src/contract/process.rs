//! Processes as both halves name them.
use serde::{Deserialize, Serialize};

use super::bounded::{Count, Name, Text, Whole};

/// A process that cannot be mistaken for another: its pid and when it was born, as `proc::born` says it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProcessMark {
    pub pid: Pid,
    pub born: Text<1, 64>,
}

/// Pids are positive and, everywhere, below 2^31.
pub type Pid = Whole<1, 0x7fff_ffff>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    pub name: Name,
    pub process: ProcessMark,
}

/// One look at a process tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeSample {
    pub name: String,
    /// CPU time used so far by what lives, and by children it has outlived, ms.
    pub cpu_ms: f64,
    /// Bytes.
    pub rss: Count,
    pub threads: Count,
    pub processes: Count,
    /// None where it may not be read.
    pub fds: Option<Count>,
    pub read_bytes: Option<Count>,
    pub write_bytes: Option<Count>,
}

/// Percent of the last 10 s in which some tasks stood still for lack of it (PSI); None where the kernel does not say.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pressure {
    pub cpu: Option<f64>,
    pub memory: Option<f64>,
    pub io: Option<f64>,
}
