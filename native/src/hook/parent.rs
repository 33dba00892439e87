//! Whether whoever waits for the answer still lives: a hook left behind would keep its request in people's queue.
use std::time::Duration;

use rustix::process::{Pid, getppid, test_kill_process};

/// How often it is looked, while there is nothing else to do.
pub const LOOK: Duration = Duration::from_millis(100);

pub struct Parent {
    watched: bool,
    above: Option<Pid>,
    agent: Option<Pid>,
}

impl Parent {
    #[must_use]
    pub fn unwatched() -> Self {
        Parent {
            watched: false,
            above: None,
            agent: None,
        }
    }

    /// `agent`: pid of the agent's own process, 0 when it is not known.
    #[must_use]
    pub fn watched(agent: i32) -> Self {
        let agent = if agent > 0 {
            Pid::from_raw(agent)
        } else {
            None
        };
        Parent {
            watched: true,
            above: getppid(),
            agent,
        }
    }

    /// Until when to sleep at most before looking again.
    #[must_use]
    pub fn look_within(&self) -> Option<Duration> {
        self.watched.then_some(LOOK)
    }

    #[must_use]
    pub fn gone(&self) -> bool {
        let dead = |pid| test_kill_process(pid).is_err();
        self.watched && (getppid() != self.above || self.agent.is_some_and(dead))
    }
}
