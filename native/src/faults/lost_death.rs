//! `lost_death`: the target is killed while tmux has no hook that tells of it, so that its death is found by looking or
//! not at all. The journal gives the hook back.
use std::process::Stdio;

use rustix::process::Signal;

use super::kill::BY;
use super::{Ground, Injector, can, cannot, mistaken, needs_target, who};
use crate::chaos::actor::Stage;
use crate::chaos::bound;
use crate::chaos::order::{Design, Order};
use crate::chaos::undo::{Hook, Undo};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::handle::Handle;
use crate::machine::tmux::{self, Tmux};

pub struct LostDeath;

const HOOK: &str = "pane-died";

impl Injector for LostDeath {
    fn kind(&self) -> &'static str {
        "lost_death"
    }

    fn capability(&self) -> Capability {
        if tmux::find().is_some() {
            can("lost_death", "tmux set-hook", Reverter::Guardian)
        } else {
            cannot("lost_death", "tmux is not on the PATH", "install it")
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::LostDeath {} = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a lost death")?;
        let tmux = Tmux::at(&ground.scope.tmux_socket)?;
        for target in ground.targets {
            tmux.holds(target)?;
        }
        let hook = Hook::of(&tmux, HOOK)?;
        if hook.entries.is_empty() {
            let message = format!("tmux has no hook {HOOK} that could be lost");
            return Err(NativeError::new(
                "no-effect",
                message,
                "kill it, or wait until the hook is back",
            ));
        }
        let server = hook.server.pid.get();
        let mut design = Design::by("tmux set-hook")
            .effect(format!(
                "set-hook -gu {HOOK} on the tmux server (pid {server})"
            ))
            .effect(format!("{BY}(SIGKILL) to {}", who(ground.targets)));
        for (place, text) in &hook.entries {
            design = design.reverted(By::Guardian, &format!("set-hook -g {place} {text:?}"));
        }
        design.undo.push(Undo::Hook { hook });
        Ok(design.reverted(By::Nobody, "the death: recovery is what is tested"))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let tmux = Tmux::at(&order.tmux_socket)?;
        let handles: Vec<Handle> = order
            .targets
            .iter()
            .filter_map(|target| Handle::open(&target.process).ok())
            .collect();
        let command = tmux.command(&["set-hook", "-gu", HOOK]);
        let client = bound::start(stage, command, [Stdio::null(), Stdio::piped()])?;
        tmux::answer(client)?;
        if !Hook::of(&tmux, HOOK)?.entries.is_empty() {
            let message = format!("tmux has kept its hook {HOOK}");
            return Err(NativeError::new("tmux", message, ""));
        }
        for handle in &handles {
            handle.signal(Signal::KILL)?;
        }
        let killed = Measure::from(handles.len() as u64);
        stage.applied(Detail::from([("killed".to_owned(), killed)]));
        stage.hold();
        Ok(())
    }
}
