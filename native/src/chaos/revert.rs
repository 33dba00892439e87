//! Taking back and looking whether anything is left: done by the guardian, and by who replays a journal.
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use super::journal::Journal;
use crate::contract::process::ProcessMark;
use crate::faults;
use crate::machine::{clock, handle::Handle, process};

/// Pauses between one attempt and the next, ms. An effect of the kernel's (memory, traced threads) takes some ms to go.
const AGAIN_AFTER_MS: [u64; 7] = [2, 5, 10, 20, 50, 100, 200];
/// How long an actor that was killed may take to be gone, in steps of 1 ms: it may hold gigabytes.
const ACTOR_GONE_MS: u64 = 2000;

/// Ends the actor, undoes from the last to the first, and looks. What is left after the last attempt is told; none
/// means that all is as before, and then the journal is removed.
pub fn revert(journal: Journal) -> Vec<String> {
    if let Some(actor) = &journal.actor {
        end_actor(actor);
    }
    let same_boot = journal.order.boot_id == clock::boot_id();
    let undo: Vec<_> = journal
        .undo
        .iter()
        .rev()
        .filter(|undo| same_boot || undo.outlives_boot())
        .collect();
    let mut pauses = AGAIN_AFTER_MS.iter();
    loop {
        for step in &undo {
            step.apply();
        }
        let mut residues: Vec<String> = undo.iter().filter_map(|step| step.residue()).collect();
        if same_boot {
            residues.extend(journal.actor.as_ref().and_then(actor_residue));
            residues.extend(
                faults::of(&journal.order.fault)
                    .map_or_else(Vec::new, |fault| fault.probe(&journal.order)),
            );
        }
        if residues.is_empty() {
            journal.end();
            return residues;
        }
        let Some(pause) = pauses.next() else {
            return residues;
        };
        sleep(Duration::from_millis(*pause));
    }
}

/// Kills it when it is still there. A zombie has given everything back.
fn end_actor(actor: &ProcessMark) {
    let Ok(handle) = Handle::open(actor) else {
        return;
    };
    let _ = handle.signal(Signal::KILL);
    for _ in 0..ACTOR_GONE_MS {
        if handle.ended() {
            return;
        }
        sleep(Duration::from_millis(1));
    }
}

fn actor_residue(actor: &ProcessMark) -> Option<String> {
    process::find(actor)
        .map(|found| format!("process {} that brings the fault about is there", found.pid))
}
