//! `hms-native actor GUARDIAN` (hidden): brings one fault about. Dies with its guardian: by the kernel on Linux
//! (`PR_SET_PDEATHSIG`), and because the pipe ends, anywhere.
use std::io;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::order::{FromActor, ToActor};
use super::pipes::{self, Lines};
use super::undo::Undo;
use crate::contract::chaos::Detail;
use crate::contract::error::NativeError;
use crate::contract::scope::Target;
use crate::faults;
use crate::machine::clock;

/// How long after its time an actor still lives when nobody ended it, ms.
const OVERTIME_MS: u64 = 1000;

/// Exit code 1 when the guardian is not our parent, or never said what to do.
pub fn run(guardian: u32) -> ExitCode {
    if !die_with(guardian) {
        return ExitCode::FAILURE;
    }
    super::name(c"hms-actor");
    let (words, told) = channel();
    std::thread::spawn(move || {
        let mut from = io::stdin();
        let mut lines = Lines::default();
        while let Ok(said) = lines.read::<ToActor>(&mut from) {
            for word in said {
                let _ = words.send(word);
            }
        }
        // The guardian is gone: so is what we hold.
        std::process::exit(1);
    });
    let Ok(ToActor::Order(order)) = told.recv() else {
        return ExitCode::FAILURE;
    };
    let busy = order.for_ms.saturating_mul(order.design.busy_threads) / 1000;
    limit_cpu(busy + order.for_ms / 1000 + 2);
    let mut stage = Stage {
        told,
        ends: order.deadline_boot_ms,
    };
    let outcome = match faults::of(&order.fault) {
        Some(fault) => fault.apply(&order, &mut stage),
        None => Err(NativeError::new(
            "not-built",
            "this helper was built without that fault",
            "",
        )),
    };
    match outcome {
        Ok(()) => tell(&FromActor::Done),
        Err(error) => tell(&FromActor::Failed(error)),
    }
    // What else it holds (files, traced threads) stays until the guardian has heard and ends us.
    stage.hold();
    ExitCode::SUCCESS
}

/// Whether it will: the guardian may have died before the kernel was told, then somebody else is our parent by now.
pub fn die_with(guardian: u32) -> bool {
    #[cfg(target_os = "linux")]
    if rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
        .is_err()
    {
        return false;
    }
    let parent = rustix::process::getppid().map(rustix::process::Pid::as_raw_pid);
    parent.is_some_and(|parent| u32::try_from(parent) == Ok(guardian))
}

/// The kernel ends us when we have computed for longer than the fault may take, s: should everything else fail.
fn limit_cpu(seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let _ = setrlimit(
        Resource::Cpu,
        Rlimit {
            current: Some(seconds),
            maximum: Some(seconds),
        },
    );
}

/// What a fault may do while it is applied.
pub struct Stage {
    told: Receiver<ToActor>,
    /// Boot ms.
    ends: u64,
}

impl Stage {
    /// The effect is there; what was measured.
    pub fn applied(&self, detail: Detail) {
        tell(&FromActor::Applied(detail));
    }

    /// Measured meanwhile: takes the place of what was told before under the same names.
    pub fn note(&self, detail: Detail) {
        tell(&FromActor::Note(detail));
    }

    /// Returns when this undo is on the disk: only then may its effect come about.
    ///
    /// # Errors
    /// `journal` when the guardian does not say so in time.
    pub fn journal(&mut self, undo: Undo) -> Result<(), NativeError> {
        tell(&FromActor::Undo(undo));
        loop {
            match self.told.recv_timeout(Duration::from_secs(2)) {
                Ok(ToActor::Journalled) => return Ok(()),
                Ok(_) => {}
                Err(_) => {
                    return Err(NativeError::new(
                        "journal",
                        "the undo journal was not written in time",
                        "",
                    ));
                }
            }
        }
    }

    /// Time that is left of the fault, ms.
    pub fn left_ms(&self) -> u64 {
        self.ends.saturating_sub(clock::boot_ms())
    }

    /// Waits so long, or until there are new incarnations of targets.
    pub fn wait(&mut self, at_most: Duration) -> Option<Vec<Target>> {
        match self.told.recv_timeout(at_most) {
            Ok(ToActor::Targets(targets)) => Some(targets),
            Ok(_) | Err(RecvTimeoutError::Timeout) => None,
            // The thread that reads is gone, and the guardian with it.
            Err(RecvTimeoutError::Disconnected) => std::process::exit(1),
        }
    }

    /// Keeps what it has until it is ended: by the guardian, or by the clock.
    pub fn hold(&mut self) {
        while self.left_ms() > 0 {
            self.wait(Duration::from_millis(self.left_ms()));
        }
        self.wait(Duration::from_millis(OVERTIME_MS));
    }
}

/// A guardian that cannot be told is gone.
fn tell(word: &FromActor) {
    if !pipes::tell(&mut io::stdout(), word) {
        std::process::exit(1);
    }
}
