//! What is broken: one variant a fault, named by its `fault` key.
use serde::{Deserialize, Serialize};

use super::bounded::{Count, FilePath, Long, Name, Percent, Positive, Share, Whole, WholePercent};

/// Which way bytes go: `up` from the agent, `down` to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Up,
    Down,
    #[default]
    Both,
}

/// Signals a kill may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KillSignal {
    #[default]
    Kill,
    Term,
    Int,
    Hup,
    Quit,
    Segv,
    Abrt,
}

/// See `Fault` in `src/protocol/native.ts` for what each does to whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    Cpu {
        #[serde(default = "one")]
        cores: Count,
        #[serde(default = "full_load")]
        load: WholePercent,
    },
    Memory {
        bytes: Count,
    },
    Kill {
        #[serde(default)]
        signal: KillSignal,
        #[serde(default)]
        tree: bool,
    },
    Pause {
        #[serde(default)]
        tree: bool,
    },
    CrashLoop {
        #[serde(default = "none")]
        after_ms: Count,
    },
    NetDelay {
        proxy: Name,
        #[serde(default)]
        direction: Direction,
        #[serde(default = "Share::all")]
        toxicity: Share,
        delay_ms: Count,
        #[serde(default = "none")]
        jitter_ms: Count,
    },
    NetLoss {
        proxy: Name,
        #[serde(default)]
        direction: Direction,
        #[serde(default = "Share::all")]
        toxicity: Share,
        percent: Percent,
    },
    NetBandwidth {
        proxy: Name,
        #[serde(default)]
        direction: Direction,
        #[serde(default = "Share::all")]
        toxicity: Share,
        bytes_per_s: Positive,
    },
    NetReset {
        proxy: Name,
        #[serde(default)]
        direction: Direction,
        #[serde(default = "Share::all")]
        toxicity: Share,
        #[serde(default = "none")]
        after_ms: Count,
    },
    NetDrop {
        proxy: Name,
        #[serde(default)]
        direction: Direction,
        #[serde(default = "Share::all")]
        toxicity: Share,
    },
    NetPartition {},
    DiskFill {
        path: FilePath,
        bytes: Count,
    },
    IoDelay {
        path: FilePath,
        delay_ms: Count,
    },
    FdExhaust {
        #[serde(default = "none")]
        left: Count,
    },
    PtyStorm {
        #[serde(default = "hundred")]
        per_s: Whole<1, 10_000>,
    },
    OutputFlood {
        #[serde(default = "ten_million")]
        bytes_per_s: Positive,
    },
    ClientStall {},
    ClockSkew {
        offset_ms: i64,
    },
    LostDeath {},
}

impl Fault {
    /// Its name in the contract and in the list of capabilities.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cpu { .. } => "cpu",
            Self::Memory { .. } => "memory",
            Self::Kill { .. } => "kill",
            Self::Pause { .. } => "pause",
            Self::CrashLoop { .. } => "crash_loop",
            Self::NetDelay { .. } => "net_delay",
            Self::NetLoss { .. } => "net_loss",
            Self::NetBandwidth { .. } => "net_bandwidth",
            Self::NetReset { .. } => "net_reset",
            Self::NetDrop { .. } => "net_drop",
            Self::NetPartition {} => "net_partition",
            Self::DiskFill { .. } => "disk_fill",
            Self::IoDelay { .. } => "io_delay",
            Self::FdExhaust { .. } => "fd_exhaust",
            Self::PtyStorm { .. } => "pty_storm",
            Self::OutputFlood { .. } => "output_flood",
            Self::ClientStall {} => "client_stall",
            Self::ClockSkew { .. } => "clock_skew",
            Self::LostDeath {} => "lost_death",
        }
    }
}

/// One fault, on whom, for how long.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    pub id: InjectionId,
    pub fault: Fault,
    pub targets: super::bounded::Few<Name, 256>,
    pub for_ms: Positive,
    #[serde(default = "none")]
    pub seed: Count,
}

/// `[A-Za-z0-9._-]{1,64}`: safe as part of a file's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct InjectionId(String);

impl TryFrom<String> for InjectionId {
    type Error = String;

    fn try_from(id: String) -> Result<Self, String> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=64).contains(&id.len()) && id.bytes().all(fits) {
            Ok(Self(id))
        } else {
            Err("an id is 1 to 64 of A-Z a-z 0-9 . _ -".to_owned())
        }
    }
}

impl std::ops::Deref for InjectionId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Who takes one effect back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    Kernel,
    Guardian,
    Nobody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revert {
    pub what: Long,
    pub by: By,
}

const fn none() -> Count {
    Count::near(0)
}
const fn one() -> Count {
    Count::near(1)
}
const fn full_load() -> WholePercent {
    WholePercent::near(100)
}
const fn hundred() -> Whole<1, 10_000> {
    Whole::near(100)
}
const fn ten_million() -> Positive {
    Positive::near(10_000_000)
}
