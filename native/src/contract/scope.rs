//! What may be touched, and how far. Nothing that is not named here ever is.
use serde::{Deserialize, Serialize};

use super::bounded::{Count, Few, FilePath, Long, Name, Percent, Text, Whole, WholePercent};
use super::process::ProcessMark;

const MIB: u64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    Agent,
    Service,
    Engine,
    Tmux,
    Client,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: Name,
    pub kind: TargetKind,
    pub process: ProcessMark,
    /// Its terminal, for faults on the pane; empty for none.
    #[serde(default)]
    pub tty: Text<0, 200>,
    /// Its pane in tmux; empty for none.
    #[serde(default)]
    pub pane: Text<0, 32>,
}

/// A proxy that may be harmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeProxy {
    pub name: Name,
    /// Its control socket, as `proxy.open` answered.
    pub control: FilePath,
    /// Whose it is: a name of the targets; empty when it is nobody's.
    #[serde(default)]
    pub target: Text<0, 200>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub folder: FilePath,
    pub halt_file: FilePath,
    pub targets: Few<Target, 1024>,
    #[serde(default)]
    pub tmux_socket: Long,
    #[serde(default)]
    pub proxies: Few<ScopeProxy, 1024>,
    #[serde(default)]
    pub paths: Few<FilePath, 64>,
    #[serde(default)]
    pub limits: Limits,
    /// ms; 0: only the pipe counts.
    #[serde(default = "two_seconds")]
    pub lease_ms: Count,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    pub targets_percent: WholePercent,
    /// Bytes.
    pub memory_floor: Count,
    pub memory_floor_percent: WholePercent,
    /// Bytes.
    pub disk_floor: Count,
    pub disk_floor_percent: WholePercent,
    pub cores_left: Count,
    pub longest_ms: Whole<1, 300_000>,
    pub pressure_percent: Percent,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            targets_percent: WholePercent::near(34),
            memory_floor: Count::near(512 * MIB),
            memory_floor_percent: WholePercent::near(10),
            disk_floor: Count::near(1024 * MIB),
            disk_floor_percent: WholePercent::near(5),
            cores_left: Count::near(1),
            longest_ms: Whole::near(30_000),
            pressure_percent: Percent::near(40),
        }
    }
}

const fn two_seconds() -> Count {
    Count::near(2000)
}
