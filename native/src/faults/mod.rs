//! The faults, one file each, behind one small trait.
//!
//! # To add a fault
//! 1. Its variant is in `contract/fault.rs` (and `src/protocol/native.ts`) with a vector in `native/vectors`.
//! 2. A file here with a unit struct that implements [`Injector`], and its line in [`ALL`].
//! 3. [`Injector::plan`] decides, and does nothing: which mechanism, what exactly, who takes each effect back, and the
//!    [`Undo`](crate::chaos::undo::Undo)s of what no death of ours takes back. They are on the disk before `apply` is called. What `apply` must
//!    know goes into `given`, in a form of the fault's own.
//! 4. [`Injector::apply`] runs in the actor: bring it about, say [`Stage::applied`] with what was measured, then
//!    [`Stage::hold`], or return when it is over by itself. The actor is ended by SIGKILL, at any instruction: so own
//!    the effect by something that dies with this process (a thread, memory, an open file without a name, a traced
//!    thread, a namespace, a connection whose other end takes the effect back when it closes), and for the rest call
//!    [`Stage::journal`] *before* each effect that was not foreseen.
//! 5. [`Injector::probe`] looks whether anything is left, after the undo, in another process, maybe days later.
//! 6. [`Injector::capability`] tries what it needs on this machine. Never ask for a version.
//!
//! An effect inside another process of ours (a proxy) is held by a connection of the actor's to it.
mod client_stall;
mod clock_skew;
mod cpu;
mod crash_loop;
mod disk_fill;
mod fd_exhaust;
mod io_delay;
mod kill;
mod lost_death;
mod memory;
mod net;
mod output_flood;
pub mod partition;
mod pause;
mod pty_storm;
mod shimmed;
mod trees;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::bounded::{Long, Text};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault, Revert};
use crate::contract::scope::{Scope, Target};

/// One kind of fault.
pub trait Injector: Sync {
    /// As the contract names it.
    fn kind(&self) -> &'static str;

    /// What this machine can do of it; tried, not assumed.
    fn capability(&self) -> Capability;

    /// Decides how it would be done to these targets, which the blast radius allows. Does nothing.
    ///
    /// # Errors
    /// Why it cannot or must not be done: `cannot-here`, `needs-target`, `no-room`, `outside-paths`…
    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError>;

    /// In the actor: brings it about and holds it.
    ///
    /// # Errors
    /// What the caller of `chaos.inject` is told; a revert follows.
    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError>;

    /// What is left of it, beside its undo steps (which tell for themselves) and the actor (who is looked for).
    fn probe(&self, order: &Order) -> Vec<String> {
        let _ = order;
        Vec::new()
    }
}

/// Each kind this helper can do.
static ALL: &[&dyn Injector] = &[
    &cpu::Cpu,
    &memory::Memory,
    &kill::Kill,
    &pause::Pause,
    &crash_loop::CrashLoop,
    &net::Net("net_delay"),
    &net::Net("net_loss"),
    &net::Net("net_bandwidth"),
    &net::Net("net_reset"),
    &net::Net("net_drop"),
    &partition::Partition,
    &disk_fill::DiskFill,
    &fd_exhaust::FdExhaust,
    &output_flood::OutputFlood,
    &pty_storm::PtyStorm,
    &client_stall::ClientStall,
    &lost_death::LostDeath,
    &clock_skew::ClockSkew,
    &io_delay::IoDelay,
];

/// Where a fault would be done.
pub struct Ground<'a> {
    pub scope: &'a Scope,
    pub targets: &'a [Target],
    /// Cores that other injections load now.
    pub loaded: &'a [u32],
}

/// Who does it; None when this helper was built without it.
pub fn of(fault: &Fault) -> Option<&'static dyn Injector> {
    ALL.iter()
        .copied()
        .find(|injector| injector.kind() == fault.kind())
}

pub fn capabilities() -> Vec<Capability> {
    ALL.iter().map(|injector| injector.capability()).collect()
}

impl Design {
    /// Of a mechanism that needs no privilege, with nothing in it yet.
    pub fn by(mechanism: &str) -> Self {
        Self {
            mechanism: mechanism.to_owned(),
            privileged: false,
            effects: Vec::new(),
            reverts: Vec::new(),
            undo: Vec::new(),
            given: Value::Null,
            busy_threads: 0,
        }
    }

    #[must_use]
    pub fn effect(mut self, what: impl Into<String>) -> Self {
        self.effects.push(what.into());
        self
    }

    #[must_use]
    pub fn reverted(mut self, by: By, what: &str) -> Self {
        self.reverts.push(Revert {
            what: Long::cut(what),
            by,
        });
        self
    }

    /// What `apply` and `probe` will read with [`given`].
    #[must_use]
    pub fn giving(mut self, given: &impl Serialize) -> Self {
        self.given = serde_json::to_value(given).unwrap_or(Value::Null);
        self
    }
}

/// What the plan gave.
///
/// # Errors
/// `order` when it is of another form: a journal of another version.
pub fn given<T: DeserializeOwned>(order: &Order) -> Result<T, NativeError> {
    let wrong = |error| {
        NativeError::new(
            "order",
            format!("an order this helper does not understand: {error}"),
            "",
        )
    };
    T::deserialize(&order.design.given).map_err(wrong)
}

/// A capability that is there, by that mechanism.
fn can(name: &str, mechanism: &str, revert: Reverter) -> Capability {
    Capability {
        name: Text::try_from(name.to_owned()).unwrap_or_else(|_| unreachable!("names are short")),
        available: true,
        mechanism: Text::cut(mechanism),
        privileged: false,
        revert,
        because: Long::default(),
        remedy: Long::default(),
    }
}

/// One that is not, and why.
fn cannot(name: &str, because: &str, remedy: &str) -> Capability {
    Capability {
        available: false,
        because: Long::cut(because),
        remedy: Long::cut(remedy),
        ..can(name, "", Reverter::None)
    }
}

/// The refusal that goes with [`cannot`].
fn cannot_here(capability: &Capability) -> NativeError {
    let message = format!(
        "{} cannot be done here, because {}",
        capability.name, capability.because
    );
    NativeError::new("cannot-here", message, &*capability.remedy)
}

fn needs_target(targets: &[Target], what: &str) -> Result<(), NativeError> {
    if targets.is_empty() {
        return Err(NativeError::new(
            "needs-target",
            format!("{what} needs a target"),
            "name one of the scope's",
        ));
    }
    Ok(())
}

/// `a (pid 7), b (pid 8)`
fn who(targets: &[Target]) -> String {
    let one = |target: &Target| format!("{} (pid {})", target.name, target.process.pid.get());
    targets.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// An order for another fault than the injector's: a mistake of ours.
fn mistaken() -> NativeError {
    NativeError::new("order", "an order for another fault", "")
}
