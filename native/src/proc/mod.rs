//! Processes of this machine, as the kernel tells them: `/proc` on Linux (proc(5)), ps(1) elsewhere. The same reading
//! as `src/processes/*.ts`, so that both halves name a process alike.
#[cfg(not(target_os = "linux"))]
mod ps;
#[cfg(target_os = "linux")]
mod stat;
pub mod tree;

#[cfg(not(target_os = "linux"))]
use ps as kernel;
#[cfg(target_os = "linux")]
use stat as kernel;

use crate::contract::bounded::Name;
use crate::contract::error::NativeError;
use crate::contract::process::{Pid, ProcessMark};

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub pid: i32,
    pub parent: i32,
    /// 0 where ps(1) does not tell.
    pub session: u32,
    /// The letter of ps(1): R S D T t Z X I.
    pub state: char,
    /// When it was born, as `readBirth` of the other half says it: opaque, tells reused pids apart.
    pub born: String,
    /// CPU time used so far, ms.
    pub cpu_ms: u64,
    /// CPU time of the children it has outlived, ms; 0 where it cannot be had.
    pub children_ms: u64,
    /// Memory that is resident, bytes.
    pub rss: u64,
    /// None where it cannot be had.
    pub threads: Option<u64>,
}

impl Process {
    /// It has ended, though its parent has not asked how.
    pub fn has_ended(&self) -> bool {
        is_end(self.state)
    }
}

/// The states of processes that have ended.
pub fn is_end(state: char) -> bool {
    matches!(state, 'Z' | 'X' | 'x')
}

/// None when there is none, or none that we may see.
pub fn read(pid: i32) -> Option<Process> {
    kernel::read(pid)
}

/// The same of one of its threads.
#[cfg(target_os = "linux")]
pub fn read_thread(pid: u32, thread: u32) -> Option<Process> {
    stat::read_from(&format!("/proc/{pid}/task/{thread}/stat"))
}

/// Its name for good; None when it has ended or there is none.
pub fn mark(pid: i32) -> Option<ProcessMark> {
    let found = kernel::read(pid)?;
    if found.has_ended() {
        return None;
    }
    let pid = Pid::near(u64::from(found.pid.unsigned_abs()));
    Some(ProcessMark {
        pid,
        born: found.born.try_into().ok()?,
    })
}

/// The pid as the kernel takes it.
pub fn pid(process: &ProcessMark) -> i32 {
    i32::try_from(process.pid.get()).unwrap_or(0)
}

/// Whether the process that was born then still runs. A zombie does not run.
pub fn lives(process: &ProcessMark) -> bool {
    mark(pid(process)).is_some_and(|now| now == *process)
}

/// What people give for a process: `4711`, or `builder=4711`; a name and the pid.
///
/// # Errors
/// `bad-pid`.
pub fn given(text: &str) -> Result<(Name, i32), NativeError> {
    let (name, pid) = text.split_once('=').unwrap_or((text, text));
    let name = Name::try_from(name.to_owned()).ok();
    let pid = pid.parse().ok().filter(|pid: &i32| *pid > 0);
    name.zip(pid).ok_or_else(|| {
        NativeError::new(
            "bad-pid",
            format!("{text:?} names no process"),
            "4711, or builder=4711",
        )
    })
}

/// Everything there is, in no order; what ends meanwhile is left out.
pub fn all() -> Vec<Process> {
    kernel::all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn own() -> i32 {
        i32::try_from(std::process::id()).unwrap()
    }

    #[test]
    fn we_are_there_with_our_parent_and_birth() {
        let me = read(own()).unwrap();
        assert_eq!(me.pid, own());
        assert_eq!(
            me.parent,
            i32::try_from(std::os::unix::process::parent_id()).unwrap()
        );
        assert!(me.rss > 0);
        let mut mine = mark(own()).unwrap();
        assert_eq!((pid(&mine), &*mine.born), (own(), me.born.as_str()));
        assert!(lives(&mine));
        mine.born = "0".to_owned().try_into().unwrap();
        assert!(!lives(&mine));
        assert!(
            all()
                .iter()
                .any(|found| found.pid == own() && found.born == me.born)
        );
    }

    #[test]
    fn a_process_may_be_given_a_name() {
        let both = |text| given(text).map(|(name, pid)| (name.to_string(), pid)).ok();
        assert_eq!(both("12"), Some(("12".into(), 12)));
        assert_eq!(both("a b=12"), Some(("a b".into(), 12)));
        for bad in ["", "0", "-1", "=12", "a=", "a=b=1", "99999999999"] {
            assert_eq!(both(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_zombie_does_not_live() {
        let mut child = Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        while mark(pid).is_some() {
            std::thread::yield_now();
        }
        assert!(read(pid).is_none_or(|found| found.has_ended()));
        child.wait().unwrap();
        assert!(read(pid).is_none());
    }
}
