//! `kill`: a signal to the target, or to all that stems from it too. Over at once; recovery is what is tested.
use rustix::process::Signal;

use super::{Ground, Injector, can, mistaken, needs_target, trees, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault, KillSignal};
use crate::machine::handle::Handle;

pub struct Kill;

/// How this machine holds on to a process.
pub const BY: &str = if cfg!(target_os = "linux") {
    "pidfd_send_signal"
} else {
    "kill"
};

impl Injector for Kill {
    fn kind(&self) -> &'static str {
        "kill"
    }

    fn capability(&self) -> Capability {
        can("kill", BY, Reverter::None)
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::Kill { signal, tree } = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a kill")?;
        let also = if *tree {
            ", and to all that stems from them"
        } else {
            ""
        };
        Ok(Design::by(BY)
            .effect(format!(
                "{BY}(SIG{}) to {}{also}",
                name(*signal),
                who(ground.targets)
            ))
            .reverted(
                By::Nobody,
                "nothing is taken back: recovery is what is tested",
            ))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::Kill { signal, tree } = order.fault else {
            return Err(mistaken());
        };
        // All are held before the first is hit: who loses its parent is not found any more. Parents come first, so
        // that none can start a child anew; who was started between the looks is found by the second.
        let mut hit: Vec<Handle> = Vec::new();
        for _ in 0..2 {
            for mark in trees::processes(order, tree) {
                if !hit.iter().any(|known| *known.mark() == mark) {
                    hit.extend(Handle::open(&mark));
                }
            }
        }
        for handle in &hit {
            handle.signal(number(signal))?;
        }
        stage.applied(Detail::from([(
            "hit".to_owned(),
            Measure::from(hit.len() as u64),
        )]));
        Ok(())
    }
}

fn name(signal: KillSignal) -> &'static str {
    match signal {
        KillSignal::Kill => "KILL",
        KillSignal::Term => "TERM",
        KillSignal::Int => "INT",
        KillSignal::Hup => "HUP",
        KillSignal::Quit => "QUIT",
        KillSignal::Segv => "SEGV",
        KillSignal::Abrt => "ABRT",
    }
}

fn number(signal: KillSignal) -> Signal {
    match signal {
        KillSignal::Kill => Signal::KILL,
        KillSignal::Term => Signal::TERM,
        KillSignal::Int => Signal::INT,
        KillSignal::Hup => Signal::HUP,
        KillSignal::Quit => Signal::QUIT,
        KillSignal::Segv => Signal::SEGV,
        KillSignal::Abrt => Signal::ABORT,
    }
}
