//! Whether a target really lives on a server: what is done to the server is done to it.
use super::Tmux;
use crate::contract::error::NativeError;
use crate::contract::scope::{Target, TargetKind};
use crate::machine::process;

/// Between a pane's own process and an agent's program stand a shell or two.
const MOST_PARENTS: usize = 16;

impl Tmux {
    /// # Errors
    /// `needs-pane` when the scope names none, `foreign-pane` when it is not on this server, or the target not in it.
    pub fn holds(&self, target: &Target) -> Result<(), NativeError> {
        let foreign = |message: String| {
            let remedy = "tell who it is now with chaos.retarget";
            NativeError::new("foreign-pane", message, remedy)
        };
        if target.kind == TargetKind::Tmux {
            return if self.server()? == target.process {
                Ok(())
            } else {
                Err(foreign(format!(
                    "{} does not listen on {}",
                    target.name,
                    self.socket()
                )))
            };
        }
        if target.pane.is_empty() {
            let message = format!("{} has no pane", target.name);
            return Err(NativeError::new(
                "needs-pane",
                message,
                "choose an agent that runs in one",
            ));
        }
        let number = target.pane.strip_prefix('%').unwrap_or_default();
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(foreign(format!("{:?} names no pane", &*target.pane)));
        }
        let told = self.ask(&["display-message", "-p", "-t", &target.pane, "#{pane_pid}"])?;
        let held = told.trim().parse::<u32>().ok();
        let mut found = process::find(&target.process);
        for _ in 0..MOST_PARENTS {
            match found {
                Some(one) if Some(one.pid) == held => return Ok(()),
                Some(one) if one.parent > 1 => found = process::stat(one.parent),
                _ => break,
            }
        }
        Err(foreign(format!(
            "{} does not run in the pane {}",
            target.name, &*target.pane
        )))
    }
}
