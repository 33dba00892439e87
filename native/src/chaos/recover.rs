//! Leftovers of earlier lives: journals nobody is in charge of any more.
use std::path::Path;

use super::journal::{self, Journal, Taken};
use super::revert;
use crate::contract::bounded::Long;
use crate::contract::chaos::{Detail, FaultState, Phase};
use crate::machine::clock;

/// Replays every journal in the folder whose guardian is dead. What a living guardian holds is left alone.
pub fn folder(folder: &Path) -> Vec<FaultState> {
    journal::all(folder)
        .iter()
        .filter_map(|path| one(path, "recovered"))
        .collect()
}

/// Replays one journal; None when there is none, when nothing was done by it, or when someone else is in charge.
pub fn one(path: &Path, because: &str) -> Option<FaultState> {
    let Taken::Journal(journal) = Journal::take(path) else {
        return None;
    };
    let id = journal.order.id.to_string();
    let residues = revert::revert(*journal);
    Some(state(id, because, &residues))
}

/// How an injection ended.
pub fn state(id: String, because: &str, residues: &[String]) -> FaultState {
    FaultState {
        id,
        phase: if residues.is_empty() {
            Phase::Reverted
        } else {
            Phase::Failed
        },
        at: clock::wall_ms(),
        because: Long::cut(because),
        detail: Detail::new(),
        residues: residues.iter().map(|residue| Long::cut(residue)).collect(),
    }
}
