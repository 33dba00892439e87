//! `pause`: every thread of the target stands still. Traced threads (ptrace(2), `PTRACE_SEIZE` and
//! `PTRACE_INTERRUPT`) run on when their tracer dies, so the kernel takes it back; where that is not allowed SIGSTOP
//! does it, and the journal's SIGCONT takes it back.
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;

use super::{Ground, Injector, can, mistaken, needs_target, trees, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::chaos::undo::Undo;
use crate::contract::bounded::Long;
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::contract::process::ProcessMark;
use crate::machine::handle::Handle;
use crate::machine::process;

pub struct Pause;

impl Injector for Pause {
    fn kind(&self) -> &'static str {
        "pause"
    }

    fn capability(&self) -> Capability {
        match trace::possible() {
            Ok(()) => can("pause", "ptrace", Reverter::Kernel),
            Err(because) => Capability {
                because: Long::cut(&format!("SIGSTOP in place of ptrace, because {because}")),
                remedy: Long::cut(
                    "allow ptrace(2): kernel.yama.ptrace_scope = 0, or CAP_SYS_PTRACE",
                ),
                ..can("pause", "sigstop", Reverter::Guardian)
            },
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::Pause { tree } = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a pause")?;
        let also = if *tree {
            ", and of all that stems from them"
        } else {
            ""
        };
        let stop = format!(
            "SIGSTOP to {}{also}, journalled before",
            who(ground.targets)
        );
        if trace::possible().is_err() {
            return Ok(Design::by("sigstop")
                .effect(stop)
                .reverted(By::Guardian, "SIGCONT"));
        }
        Ok(Design::by("ptrace")
            .effect(format!("PTRACE_SEIZE and PTRACE_INTERRUPT of every thread of {}{also}", who(ground.targets)))
            .effect("where the kernel refuses that for one of them (it is traced already): SIGSTOP, journalled before")
            .reverted(By::Kernel, "traced threads run on when their tracer is dead")
            .reverted(By::Guardian, "SIGCONT, where it was SIGSTOP"))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::Pause { tree } = order.fault else {
            return Err(mistaken());
        };
        let mut done: Vec<ProcessMark> = Vec::new();
        let (mut threads, mut stopped) = (0, 0);
        // Who was started before its parent stood still is found by the next look; at most so many.
        for _ in 0..8 {
            let new: Vec<_> = trees::processes(order, tree)
                .into_iter()
                .filter(|mark| !done.contains(mark))
                .collect();
            if new.is_empty() {
                break;
            }
            for mark in new {
                match trace::stop(&mark) {
                    Ok(count) => threads += count,
                    Err(_) if process::find(&mark).is_none() => {}
                    Err(_) => stopped += u64::from(stop(&mark, stage)?),
                }
                done.push(mark);
            }
        }
        let mechanism = if stopped == 0 { "ptrace" } else { "sigstop" };
        stage.applied(Detail::from([
            ("mechanism".to_owned(), Measure::from(mechanism)),
            ("processes".to_owned(), Measure::from(done.len() as u64)),
            ("traced_threads".to_owned(), Measure::from(threads)),
            ("stopped_processes".to_owned(), Measure::from(stopped)),
        ]));
        while stage.left_ms() > 0 {
            trace::pass_deaths_on();
            sleep(Duration::from_millis(20));
        }
        stage.hold();
        Ok(())
    }

    fn probe(&self, order: &Order) -> Vec<String> {
        let Fault::Pause { tree } = order.fault else {
            return Vec::new();
        };
        trees::processes(order, tree)
            .iter()
            .filter_map(trace::still)
            .collect()
    }
}

/// Whether it was running; who was stopped before stays so.
fn stop(mark: &ProcessMark, stage: &mut Stage) -> Result<bool, NativeError> {
    if process::find(mark).is_none_or(|found| found.state == 'T') {
        return Ok(false);
    }
    let handle = match Handle::open(mark) {
        Ok(handle) => handle,
        Err(error) if &*error.code == "gone" => return Ok(false),
        Err(error) => return Err(error),
    };
    stage.journal(Undo::Continue {
        process: mark.clone(),
    })?;
    handle.signal(Signal::STOP).map(|()| true)
}

#[cfg(target_os = "linux")]
mod trace {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    use nix::errno::Errno;
    use nix::sys::ptrace;
    use nix::sys::wait::{WaitPidFlag, waitpid};
    use nix::unistd::Pid;

    use crate::contract::process::ProcessMark;
    use crate::machine::process;

    /// How long threads may take to stand still: one in a long uninterruptible call (a disk) does so when it returns.
    const STILL_WITHIN: u32 = 200;

    /// Whether we may trace processes of this account that do not stem from us: Yama's word, then a real attempt.
    pub fn possible() -> Result<(), String> {
        let scope =
            std::fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
        match scope.trim() {
            "1" | "2" if !capable() => {
                return Err(format!("kernel.yama.ptrace_scope is {}", scope.trim()));
            }
            "3" => return Err("kernel.yama.ptrace_scope is 3".to_owned()),
            _ => {}
        }
        let mut waiting = Command::new("/proc/self/exe");
        waiting
            .arg("wait")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = waiting.spawn().map_err(|error| error.to_string())?;
        let tried = i32::try_from(child.id())
            .map_err(|error| error.to_string())
            .and_then(|pid| {
                ptrace::seize(Pid::from_raw(pid), ptrace::Options::empty())
                    .map_err(|error| error.to_string())
            });
        let _ = child.kill();
        let _ = child.wait();
        tried
    }

    /// `CAP_SYS_PTRACE` (19, linux/capability.h).
    fn capable() -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let held = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
        held.and_then(|held| u64::from_str_radix(held.trim(), 16).ok())
            .is_some_and(|held| held >> 19 & 1 == 1)
    }

    /// Stops every thread of it, those it starts meanwhile too; how many. On an error those that were stopped stay
    /// traced, which the revert takes back like the rest.
    pub fn stop(mark: &ProcessMark) -> Result<u64, Errno> {
        let found = process::find(mark).ok_or(Errno::ESRCH)?;
        let mut held: Vec<u32> = Vec::new();
        loop {
            let new: Vec<u32> = process::threads(found.pid)
                .into_iter()
                .filter(|one| !held.contains(one))
                .collect();
            if new.is_empty() {
                break;
            }
            for thread in new {
                let id = Pid::from_raw(i32::try_from(thread).map_err(|_| Errno::ESRCH)?);
                match ptrace::seize(id, ptrace::Options::empty())
                    .and_then(|()| ptrace::interrupt(id))
                {
                    Ok(()) => held.push(thread),
                    // Ended since we looked.
                    Err(Errno::ESRCH) => {}
                    Err(error) => return Err(error),
                }
            }
            // Threads of another process that got its pid are not what we came for.
            process::find(mark).ok_or(Errno::ESRCH)?;
            wait_until_still(found.pid, &held);
        }
        Ok(held.len() as u64)
    }

    fn wait_until_still(pid: u32, threads: &[u32]) {
        let moves = |thread: &u32| {
            process::thread_stat(pid, *thread)
                .is_some_and(|stat| stat.state != 't' && !stat.has_ended())
        };
        for _ in 0..STILL_WITHIN {
            if !threads.iter().any(moves) {
                return;
            }
            sleep(Duration::from_micros(500));
        }
    }

    /// A traced process that dies is told to its tracer first, and to its parent only then.
    pub fn pass_deaths_on() {
        while waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::WNOHANG))
            .is_ok_and(|status| status.pid().is_some())
        {}
    }

    /// What still holds it, as a sentence.
    pub fn still(mark: &ProcessMark) -> Option<String> {
        let found = process::find(mark)?;
        let held = |thread: &u32| {
            process::thread_stat(found.pid, *thread).is_some_and(|stat| stat.state == 't')
        };
        let nobody = process::tracer(found.pid) == Some(0);
        let thread = process::threads(found.pid).into_iter().find(held)?;
        nobody.then(|| format!("thread {thread} of process {} stands still", found.pid))
    }
}

#[cfg(not(target_os = "linux"))]
mod trace {
    use crate::contract::process::ProcessMark;

    pub fn possible() -> Result<(), String> {
        Err("traced processes do not run on here when their tracer dies".to_owned())
    }

    pub fn stop(_mark: &ProcessMark) -> Result<u64, String> {
        possible().map(|()| 0)
    }

    pub fn pass_deaths_on() {}

    pub fn still(_mark: &ProcessMark) -> Option<String> {
        None
    }
}
