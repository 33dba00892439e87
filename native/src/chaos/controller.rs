//! The controller's half of chaos, in `serve`: what may begin, what runs, and how it stands.
use std::collections::{BTreeMap, HashSet};
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::blast::{self, Situation};
use super::keeper::{self, Keeper, Line};
use super::order::{Design, Order, ToGuardian};
use super::recover;
use crate::contract::bounded::{Count, Long};
use crate::contract::chaos::{FaultState, Faults, Phase, Plan, Recovered};
use crate::contract::error::NativeError;
use crate::contract::fault::Injection;
use crate::contract::lines::Push;
use crate::contract::process::ProcessMark;
use crate::contract::request::{Halt, Nothing, Retarget};
use crate::contract::scope::{Scope, Target};
use crate::faults::{self, Ground};
use crate::machine::{clock, process, room};
use crate::serve::Outbox;

/// States of injections that are over are kept for `chaos.status`, so many.
const REMEMBERED: usize = 256;
/// How long a halt waits for proofs: a guardian looks for half a second, and an actor may hold gigabytes.
const PROVEN_WITHIN: Duration = Duration::from_secs(10);

/// What keepers and the conversation share.
#[derive(Default)]
pub struct Shared {
    inner: Mutex<Inner>,
    changed: Condvar,
    /// When the caller last said something, boot ms.
    pub heard: AtomicU64,
}

#[derive(Default)]
struct Inner {
    running: BTreeMap<String, Running>,
    states: BTreeMap<String, FaultState>,
    /// Ids in the order they began.
    order: Vec<String>,
}

struct Running {
    targets: Vec<String>,
    cores: Vec<u32>,
    to_guardian: Line,
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
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

    pub fn state(&self, id: &str) -> Option<FaultState> {
        self.inner().states.get(id).cloned()
    }

    /// Forgets one that never began.
    pub fn never_began(&self, id: &str) {
        self.inner().running.remove(id);
        self.changed.notify_all();
    }

    /// Asks guardians to revert (all when `ids` is empty) and waits for the proof; how these stand.
    fn halt(&self, ids: &[String], because: &str) -> Vec<FaultState> {
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
}

/// One caller's chaos.
pub struct Chaos {
    outbox: Outbox,
    shared: Arc<Shared>,
    scope: Option<Scope>,
    ours: Vec<ProcessMark>,
}

impl Chaos {
    pub fn new(outbox: Outbox) -> Self {
        let shared = Arc::new(Shared::default());
        shared.heard.store(clock::boot_ms(), Ordering::Relaxed);
        Self {
            outbox,
            shared,
            scope: None,
            ours: process::own().into_iter().collect(),
        }
    }

    /// The caller said something: it has not hung.
    pub fn heard(&self) {
        self.shared.heard.store(clock::boot_ms(), Ordering::Relaxed);
    }

    /// # Errors
    /// `already-open`, or `folder` when that cannot be written.
    pub fn open(&mut self, scope: Scope) -> Result<Recovered, NativeError> {
        if self.scope.is_some() {
            let remedy = "start another helper for another scope";
            return Err(NativeError::new(
                "already-open",
                "a scope is open on this pipe",
                remedy,
            ));
        }
        let folder = Path::new(&*scope.folder);
        let mut private = DirBuilder::new();
        private
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| {
                let message = format!(
                    "the folder {} of the undo journals cannot be made: {error}",
                    scope.folder
                );
                NativeError::new("folder", message, "choose one that can be written")
            })?;
        let recovered = recover::folder(folder);
        self.scope = Some(scope);
        Ok(Recovered { recovered })
    }

    /// # Errors
    /// `not-open`, `unknown-target`.
    pub fn retarget(&mut self, Retarget { targets }: &Retarget) -> Result<Nothing, NativeError> {
        let scope = self.scope.as_mut().ok_or_else(not_open)?;
        let mut known: Vec<Target> = scope.targets.to_vec();
        for target in targets.iter() {
            let Some(place) = known.iter_mut().find(|known| known.name == target.name) else {
                let message = format!("the scope has no target {:?}", &*target.name);
                return Err(NativeError::new(
                    "unknown-target",
                    message,
                    "names are told once, with chaos.open",
                ));
            };
            *place = target.clone();
        }
        if let Ok(known) = known.try_into() {
            scope.targets = known;
        }
        let inner = self.shared.inner();
        for running in inner.running.values() {
            let theirs =
                |target: &&Target| running.targets.iter().any(|name| **name == *target.name);
            let new: Vec<Target> = targets.iter().filter(theirs).cloned().collect();
            if !new.is_empty() {
                running.to_guardian.say(&ToGuardian::Targets(new));
            }
        }
        Ok(Nothing {})
    }

    /// What it would do, and whether it would be refused now.
    ///
    /// # Errors
    /// `not-open`, `not-built`.
    pub fn plan(&self, injection: &Injection) -> Result<Plan, NativeError> {
        let scope = self.scope.as_ref().ok_or_else(not_open)?;
        let judged = self.judge(scope, injection);
        let (targets, mut refusal) = match judged {
            Ok(targets) => (targets, None),
            Err(error) => {
                let named = |target: &&Target| injection.targets.contains(&target.name);
                (
                    scope.targets.iter().filter(named).cloned().collect(),
                    Some(error),
                )
            }
        };
        let design = self.design(scope, injection, &targets);
        let design = design
            .map_err(|error| refusal = refusal.take().or(Some(error)))
            .ok();
        Ok(plan(injection, design.as_ref(), refusal))
    }

    /// Answers when the effect is there, from a thread of its own.
    pub fn inject(&self, request: u64, injection: Injection) {
        match self.begin(request, injection) {
            Ok(keeper) => {
                std::thread::spawn(move || keeper.keep());
            }
            Err(error) => self.outbox.refuse(request, error),
        }
    }

    /// Answers when it is proven, from a thread of its own.
    pub fn halt(&self, request: u64, halt: Halt) {
        let (shared, outbox) = (Arc::clone(&self.shared), self.outbox.clone());
        std::thread::spawn(move || {
            let faults = shared.halt(&halt.ids, &halt.because);
            outbox.answer(request, Ok(Faults { faults }));
        });
    }

    pub fn status(&self) -> Faults {
        let inner = self.shared.inner();
        Faults {
            faults: inner
                .order
                .iter()
                .filter_map(|id| inner.states.get(id).cloned())
                .collect(),
        }
    }

    /// Takes everything back and waits until it is proven.
    pub fn end(&self, because: &str) {
        self.shared.halt(&[], because);
    }

    fn judge(&self, scope: &Scope, injection: &Injection) -> Result<Vec<Target>, NativeError> {
        let inner = self.shared.inner();
        let busy: HashSet<String> = inner
            .running
            .values()
            .flat_map(|running| running.targets.clone())
            .collect();
        let running: HashSet<String> = inner.running.keys().cloned().collect();
        drop(inner);
        let halted = Path::new(&*scope.halt_file).symlink_metadata().is_ok();
        let pressure = room::pressure();
        let at = Situation {
            scope,
            busy: &busy,
            running: &running,
            ours: &self.ours,
            halted,
            pressure,
        };
        blast::allowed(injection, &at)
    }

    fn design(
        &self,
        scope: &Scope,
        injection: &Injection,
        targets: &[Target],
    ) -> Result<Design, NativeError> {
        let injector = faults::of(&injection.fault).ok_or_else(|| {
            let message = format!(
                "this helper was built without the fault {}",
                injection.fault.kind()
            );
            NativeError::new(
                "not-built",
                message,
                "see `hms-native capabilities` for what it can do",
            )
        })?;
        let loaded: Vec<u32> = self
            .shared
            .inner()
            .running
            .values()
            .flat_map(|one| one.cores.clone())
            .collect();
        let ground = Ground {
            scope,
            targets,
            for_ms: injection.for_ms.get(),
            loaded: &loaded,
        };
        injector.plan(&injection.fault, &ground)
    }

    fn begin(&self, request: u64, injection: Injection) -> Result<Keeper, NativeError> {
        let scope = self.scope.as_ref().ok_or_else(not_open)?;
        let targets = self.judge(scope, &injection)?;
        let design = self.design(scope, &injection, &targets)?;
        let plan = plan(&injection, Some(&design), None);
        let (to_guardian, guardian) = keeper::start()?;
        let names = targets
            .iter()
            .map(|target| target.name.to_string())
            .collect();
        let running = Running {
            targets: names,
            cores: design.cores(),
            to_guardian: to_guardian.clone(),
        };
        let id = injection.id.to_string();
        self.shared.inner().running.insert(id, running);
        let order = Order {
            id: injection.id,
            fault: injection.fault,
            targets,
            design,
            limits: scope.limits.clone(),
            ours: self.ours.clone(),
            seed: injection.seed.get(),
            for_ms: injection.for_ms.get(),
            deadline_boot_ms: clock::boot_ms() + injection.for_ms.get(),
            boot_id: clock::boot_id(),
            folder: (&*scope.folder).into(),
            halt_file: (&*scope.halt_file).into(),
            tmux_socket: scope.tmux_socket.to_string(),
        };
        Ok(Keeper {
            request,
            plan,
            order,
            guardian,
            to_guardian,
            shared: Arc::clone(&self.shared),
            outbox: self.outbox.clone(),
            lease_ms: scope.lease_ms.get(),
        })
    }
}

/// For people and programs; without a design it only says why not.
fn plan(injection: &Injection, design: Option<&Design>, refusal: Option<NativeError>) -> Plan {
    let (refused, remedy) =
        refusal.map_or_else(Default::default, |error| (error.message, error.remedy));
    Plan {
        id: injection.id.to_string(),
        mechanism: design.map_or_else(String::new, |design| design.mechanism.clone()),
        privileged: design.is_some_and(|design| design.privileged),
        effects: design.map_or_else(Vec::new, |design| {
            design
                .effects
                .iter()
                .map(|effect| Long::cut(effect))
                .collect()
        }),
        reverts: design.map_or_else(Vec::new, |design| design.reverts.clone()),
        ends_within_ms: Count::near(injection.for_ms.get()),
        refused,
        remedy,
    }
}

fn not_open() -> NativeError {
    NativeError::new(
        "not-open",
        "nothing may be touched yet",
        "say with chaos.open what may be",
    )
}
