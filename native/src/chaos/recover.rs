//! Leftovers of earlier lives: journals nobody is in charge of any more.
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::journal::{self, Journal, Taken};
use super::revert;
use crate::contract::bounded::Long;
use crate::contract::chaos::{Detail, FaultState, Phase};
use crate::machine::clock;

/// How long a lock may be held by a guardian that was killed but has not got to its end yet: it may be waiting for the
/// disk, or for a core.
const DYING: Duration = Duration::from_secs(1);

/// Replays every journal in the folder whose guardian is dead. What a living guardian holds is left alone.
pub fn folder(folder: &Path) -> Vec<FaultState> {
    journals(journal::all(folder), "recovered")
}

/// Replays one journal; None when there is none, when nothing was done by it, or when someone else is in charge.
pub fn one(path: &Path, because: &str) -> Option<FaultState> {
    journals(vec![path.to_owned()], because).pop()
}

fn journals(mut paths: Vec<PathBuf>, because: &str) -> Vec<FaultState> {
    let until = Instant::now() + DYING;
    let mut found = Vec::new();
    loop {
        paths.retain(|path| match Journal::take(path) {
            Taken::Nothing => false,
            Taken::Held => true,
            Taken::Unreadable => {
                let residue = format!(
                    "{} is of another version: recover with that one",
                    path.display()
                );
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                found.push(state(name.into_owned(), "unreadable", &[residue]));
                false
            }
            Taken::Journal(journal) => {
                let id = journal.order.id.to_string();
                let residues = revert::revert(*journal);
                found.push(state(id, because, &residues));
                false
            }
        });
        if paths.is_empty() || Instant::now() >= until {
            return found;
        }
        sleep(Duration::from_millis(2));
    }
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
