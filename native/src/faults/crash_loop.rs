//! `crash_loop`: killed, and killed again each time it came back, until the fault ends. Who came back is told by the
//! caller (`chaos.retarget`), never guessed from a pid.
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::kill::BY;
use super::{Ground, Injector, can, mistaken, needs_target, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::contract::process::ProcessMark;
use crate::machine::handle::Handle;

pub struct CrashLoop;

impl Injector for CrashLoop {
    fn kind(&self) -> &'static str {
        "crash_loop"
    }

    fn capability(&self) -> Capability {
        can("crash_loop", BY, Reverter::Kernel)
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::CrashLoop { after_ms } = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a crash loop")?;
        Ok(Design::by(BY)
            .effect(format!("{BY}(SIGKILL) to {}", who(ground.targets)))
            .effect(format!(
                "again {} ms after each new incarnation of theirs that we are told of",
                after_ms.get()
            ))
            .reverted(By::Kernel, "who kills dies with its guardian (PDEATHSIG)"))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::CrashLoop { after_ms } = order.fault else {
            return Err(mistaken());
        };
        let after = Duration::from_millis(after_ms.get());
        let mut killed = 0_u64;
        for target in &order.targets {
            killed += u64::from(kill(&target.process)?);
        }
        let count = |killed| Detail::from([("killed".to_owned(), Measure::from(killed))]);
        stage.applied(count(killed));
        let mut next: Vec<(Instant, ProcessMark)> = Vec::new();
        loop {
            let first = next.iter().map(|(at, _)| *at).min();
            let pause = first.map_or(Duration::from_secs(1), |at| {
                at.saturating_duration_since(Instant::now())
            });
            for target in stage.wait(pause).unwrap_or_default() {
                if !order.ours.contains(&target.process) && target.process.pid.get() > 1 {
                    next.push((Instant::now() + after, target.process));
                }
            }
            let (due, later) = next.into_iter().partition(|(at, _)| *at <= Instant::now());
            next = later;
            let before = killed;
            for (_, mark) in due {
                killed += u64::from(kill(&mark)?);
            }
            if killed > before {
                stage.note(count(killed));
            }
            if stage.left_ms() == 0 {
                stage.hold();
                return Ok(());
            }
        }
    }
}

/// Whether it was there to be killed.
fn kill(mark: &ProcessMark) -> Result<bool, NativeError> {
    match Handle::open(mark) {
        Ok(handle) => handle.signal(Signal::KILL).map(|()| true),
        Err(error) if &*error.code == "gone" => Ok(false),
        Err(error) => Err(error),
    }
}
