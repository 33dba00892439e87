//! Processes by pid and birth: a pid alone may have been given to another process since.
//!
//! A birth is the same text the other half has (`readBirth` in `src/processes/process.ts`): clock ticks since boot on
//! Linux (proc(5), field 22 of stat), the start time of ps(1) elsewhere.
use crate::contract::bounded::Whole;
use crate::contract::process::ProcessMark;
use crate::proc::{self, Process};

/// One process as the kernel tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    pub pid: u32,
    pub parent: u32,
    /// 0 where ps(1) does not tell.
    pub session: u32,
    /// The letter of ps(1): R S D T t Z X I.
    pub state: char,
    pub born: String,
}

impl Stat {
    /// It has ended; only its parent has not asked how.
    pub fn has_ended(&self) -> bool {
        proc::is_end(self.state)
    }

    /// As the contract names it; None when its birth is not legible.
    pub fn mark(&self) -> Option<ProcessMark> {
        Some(ProcessMark {
            pid: Whole::near(self.pid.into()),
            born: self.born.clone().try_into().ok()?,
        })
    }
}

/// The pid as the kernel's calls want it.
pub fn raw(mark: &ProcessMark) -> Option<rustix::process::Pid> {
    rustix::process::Pid::from_raw(i32::try_from(mark.pid.get()).ok()?)
}

/// The process of that mark; None when it is gone or has ended, even when its pid is another's now.
pub fn find(mark: &ProcessMark) -> Option<Stat> {
    let found = stat(u32::try_from(mark.pid.get()).ok()?)?;
    (found.born == *mark.born && !found.has_ended()).then_some(found)
}

/// The birth of a process that would be born now, in the ticks of [`Stat::born`] (100 a second on every Linux).
#[cfg(target_os = "linux")]
pub fn birth_now() -> u64 {
    super::clock::boot_ms() / 10
}

/// This process' own mark.
pub fn own() -> Option<ProcessMark> {
    stat(std::process::id())?.mark()
}

/// All that stem from it, parents before children, without itself and without `except` and what stems from those.
pub fn descendants(pid: u32, except: &[u32]) -> Vec<Stat> {
    let every = all();
    let mut found: Vec<Stat> = Vec::new();
    let mut roots = vec![pid];
    while let Some(root) = roots.pop() {
        for child in every
            .iter()
            .filter(|one| one.parent == root && one.pid != root)
        {
            if !except.contains(&child.pid) && !found.iter().any(|known| known.pid == child.pid) {
                roots.push(child.pid);
                found.push(child.clone());
            }
        }
    }
    found
}

impl From<Process> for Stat {
    fn from(found: Process) -> Self {
        Self {
            pid: found.pid.unsigned_abs(),
            parent: found.parent.unsigned_abs(),
            session: found.session,
            state: found.state,
            born: found.born,
        }
    }
}

pub fn stat(pid: u32) -> Option<Stat> {
    proc::read(i32::try_from(pid).ok()?).map(Stat::from)
}

/// Of a thread of it.
#[cfg(target_os = "linux")]
pub fn thread_stat(pid: u32, thread: u32) -> Option<Stat> {
    proc::read_thread(pid, thread).map(Stat::from)
}

pub fn all() -> Vec<Stat> {
    proc::all().into_iter().map(Stat::from).collect()
}

#[cfg(target_os = "linux")]
pub fn threads(pid: u32) -> Vec<u32> {
    numbers(&format!("/proc/{pid}/task"))
}

/// Who traces it; 0 for nobody, None when it is gone.
#[cfg(target_os = "linux")]
pub fn tracer(pid: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("TracerPid:"))?
        .trim()
        .parse()
        .ok()
}

/// Names in a folder that are numbers.
#[cfg(target_os = "linux")]
pub fn numbers(folder: &str) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn we_find_ourselves_and_nobody_else_by_our_mark() {
        let mut mark = own().unwrap();
        assert!(find(&mark).is_some());
        mark.born = "1".to_owned().try_into().unwrap();
        assert!(find(&mark).is_none());
    }
}
