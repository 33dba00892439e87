//! The injections of one caller: what runs, how each stands, and whether the caller still lives. The conversation and
//! the keepers share it.
use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::keeper::Line;
use super::order::ToGuardian;
use crate::contract::chaos::{FaultState, Phase};
use crate::contract::lines::Push;
use crate::contract::scope::Target;
use crate::machine::clock;
use crate::serve::Outbox;

/// States of injections that are over are kept for `chaos.status`, so many.
const REMEMBERED: usize = 256;
/// How long a halt waits for proofs: a guardian looks for half a second, and an actor may hold gigabytes.
const PROVEN_WITHIN: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Injections {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// When the caller last said something, boot ms.
    heard: AtomicU64,
}

#[derive(Default)]
struct Inner {
    running: BTreeMap<String, Running>,
    states: BTreeMap<String, FaultState>,
    /// Ids in the order they began.
    order: Vec<String>,
}

pub struct Running {
    /// Names of the scope.
    pub targets: Vec<String>,
    pub cores: Vec<u32>,
    pub to_guardian: Line,
}

impl Injections {
    /// The caller said something.
    pub fn heard(&self) {
        self.heard.store(clock::boot_ms(), Ordering::Relaxed);
    }

    /// For how long the caller has said nothing, ms.
    pub fn silent_ms(&self) -> u64 {
        clock::boot_ms().saturating_sub(self.heard.load(Ordering::Relaxed))
    }

    pub fn began(&self, id: String, running: Running) {
        self.inner().running.insert(id, running);
    }

    /// Ids of those that are not over.
    pub fn running(&self) -> HashSet<String> {
        self.inner().running.keys().cloned().collect()
    }

    /// Targets something is done to.
    pub fn busy(&self) -> HashSet<String> {
        let inner = self.inner();
        let targets = inner.running.values().flat_map(|one| &one.targets);
        targets.cloned().collect()
    }

    /// Cores that are loaded.
    pub fn cores(&self) -> Vec<u32> {
        let inner = self.inner();
        let cores = inner.running.values().flat_map(|one| &one.cores);
        cores.copied().collect()
    }

    /// As they stand, in the order they began.
    pub fn states(&self) -> Vec<FaultState> {
        let inner = self.inner();
        let states = inner.order.iter().filter_map(|id| inner.states.get(id));
        states.cloned().collect()
    }

    /// Tells each guardian the new incarnations of its targets.
    pub fn retarget(&self, targets: &[Target]) {
        for running in self.inner().running.values() {
            let theirs =
                |target: &&Target| running.targets.iter().any(|name| **name == *target.name);
            let new: Vec<Target> = targets.iter().filter(theirs).cloned().collect();
            if !new.is_empty() {
                running.to_guardian.say(&ToGuardian::Targets(new));
            }
        }
    }

    /// Keeps a state and tells it; one that is over ends the injection. In one step: who is told that it is over may
    /// begin the next, and who waits for that may end the conversation.
    pub fn stands(&self, state: FaultState, outbox: &Outbox) {
        let mut inner = self.inner();
        outbox.push(&Push::Fault(state.clone()));
        if matches!(state.phase, Phase::Reverted | Phase::Failed) {
            inner.running.remove(&state.id);
        }
        if !inner.states.contains_key(&state.id) {
            inner.order.push(state.id.clone());
        }
        inner.states.insert(state.id.clone(), state);
        while inner.order.len() > REMEMBERED {
            let Some(at) = inner
                .order
                .iter()
                .position(|id| !inner.running.contains_key(id))
            else {
                break;
            };
            let oldest = inner.order.remove(at);
            inner.states.remove(&oldest);
        }
        drop(inner);
        self.changed.notify_all();
    }

    /// Asks guardians to revert (all when `ids` is empty) and waits for the proof; how these stand.
    pub fn halt(&self, ids: &[String], because: &str) -> Vec<FaultState> {
        let chosen: Vec<String> = {
            let inner = self.inner();
            inner
                .running
                .keys()
                .filter(|id| ids.is_empty() || ids.contains(id))
                .cloned()
                .collect()
        };
        for id in &chosen {
            if let Some(running) = self.inner().running.get(id) {
                running.to_guardian.say(&ToGuardian::Revert {
                    because: because.to_owned(),
                });
            }
        }
        let until = Instant::now() + PROVEN_WITHIN;
        let mut inner = self.inner();
        while chosen.iter().any(|id| inner.running.contains_key(id)) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(inner, left);
            inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        let asked = if ids.is_empty() { &chosen } else { ids };
        asked
            .iter()
            .filter_map(|id| inner.states.get(id).cloned())
            .collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
