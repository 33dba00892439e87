//! The controller's half of chaos, in `serve`: what a caller asks for, and whether it may begin.
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use super::blast::{self, Situation};
use super::injections::{Injections, Running};
use super::keeper::{self, Keeper};
use super::order::{Design, Order};
use super::recover;
use crate::contract::bounded::{Count, Long};
use crate::contract::chaos::{Faults, Plan, Recovered};
use crate::contract::error::NativeError;
use crate::contract::fault::Injection;
use crate::contract::process::ProcessMark;
use crate::contract::request::{Halt, Nothing, Retarget};
use crate::contract::scope::{Scope, Target};
use crate::faults::{self, Ground};
use crate::machine::{clock, process, room};
use crate::serve::Outbox;

/// One caller's chaos.
pub struct Chaos {
    outbox: Outbox,
    injections: Arc<Injections>,
    scope: Option<Scope>,
    ours: Vec<ProcessMark>,
}

impl Chaos {
    pub fn new(outbox: Outbox) -> Self {
        let injections = Arc::new(Injections::default());
        injections.heard();
        Self {
            outbox,
            injections,
            scope: None,
            ours: process::own().into_iter().collect(),
        }
    }

    /// The caller said something: it has not hung.
    pub fn heard(&self) {
        self.injections.heard();
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
        self.injections.retarget(targets);
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
        let (injections, outbox) = (Arc::clone(&self.injections), self.outbox.clone());
        std::thread::spawn(move || {
            let faults = injections.halt(&halt.ids, &halt.because);
            outbox.answer(request, Ok(Faults { faults }));
        });
    }

    pub fn status(&self) -> Faults {
        Faults {
            faults: self.injections.states(),
        }
    }

    /// Takes everything back and waits until it is proven.
    pub fn end(&self, because: &str) {
        self.injections.halt(&[], because);
    }

    fn judge(&self, scope: &Scope, injection: &Injection) -> Result<Vec<Target>, NativeError> {
        let halted = Path::new(&*scope.halt_file).symlink_metadata().is_ok();
        let pressure = room::pressure();
        let at = Situation {
            scope,
            busy: &self.injections.busy(),
            running: &self.injections.running(),
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
        let loaded = self.injections.cores();
        let ground = Ground {
            scope,
            targets,
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
        self.injections.began(id, running);
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
            injections: Arc::clone(&self.injections),
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
