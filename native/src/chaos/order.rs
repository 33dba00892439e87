//! What controller, guardian and actor tell each other: one JSON object a line. Of one build, so never versioned.
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::undo::Undo;
use crate::contract::chaos::Detail;
use crate::contract::error::NativeError;
use crate::contract::fault::{Fault, InjectionId, Revert};
use crate::contract::process::ProcessMark;
use crate::contract::scope::{Limits, Target};

/// How a fault will be done, decided before anything is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Design {
    pub mechanism: String,
    pub privileged: bool,
    /// For people: one sentence or system call each.
    pub effects: Vec<String>,
    pub reverts: Vec<Revert>,
    /// What no death of ours takes back, in the order the effects come about.
    pub undo: Vec<Undo>,
    /// What the fault's own `apply` and `probe` need to know; its own form.
    pub given: Value,
    /// Threads of the actor that compute all the time; its CPU time is bounded by the kernel accordingly.
    pub busy_threads: u64,
}

impl Design {
    /// The cores it loads: none but the CPU fault's.
    pub fn cores(&self) -> Vec<u32> {
        let listed = self.given.get("cores").and_then(Value::as_array);
        let number = |core: &Value| u32::try_from(core.as_u64()?).ok();
        listed.map_or_else(Vec::new, |cores| cores.iter().filter_map(number).collect())
    }
}

/// One injection as the guardian journals it and the actor carries it out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    pub id: InjectionId,
    pub fault: Fault,
    pub targets: Vec<Target>,
    pub design: Design,
    pub limits: Limits,
    /// Processes that are never touched, not even as part of a tree: ours.
    pub ours: Vec<ProcessMark>,
    pub seed: u64,
    pub for_ms: u64,
    /// When it ends at the latest: [`crate::machine::clock::boot_ms`].
    pub deadline_boot_ms: u64,
    pub boot_id: String,
    pub folder: PathBuf,
    pub halt_file: PathBuf,
    pub tmux_socket: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToGuardian {
    Order(Box<Order>),
    /// The controller lives; the guardian answers with `Beat`.
    Lease,
    Revert {
        because: String,
    },
    /// New incarnations of its targets.
    Targets(Vec<Target>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromGuardian {
    Beat,
    /// The journal is on the disk.
    Journalled,
    Applied(Detail),
    Note(Detail),
    /// The actor could not bring it about; a revert follows.
    Refused(NativeError),
    Reverting {
        because: String,
    },
    /// Nothing is left when there are no residues; else the journal is kept.
    Ended {
        because: String,
        residues: Vec<String>,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToActor {
    Order(Box<Order>),
    /// The undo it asked for is on the disk.
    Journalled,
    Targets(Vec<Target>),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FromActor {
    /// To be journalled before it goes on.
    Undo(Undo),
    Applied(Detail),
    Note(Detail),
    /// It is over by itself.
    Done,
    Failed(NativeError),
}
