//! Processes by pid and birth: a pid alone may have been given to another process since.
//!
//! A birth is the same text the other half has (`readBirth` in `src/processes/process.ts`): clock ticks since boot on
//! Linux (proc(5), field 22 of stat), the start time of ps(1) elsewhere.
use crate::contract::bounded::Whole;
use crate::contract::process::ProcessMark;

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
        matches!(self.state, 'Z' | 'X' | 'x')
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

#[cfg(target_os = "linux")]
pub fn stat(pid: u32) -> Option<Stat> {
    parse(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// Of a thread of it.
#[cfg(target_os = "linux")]
pub fn thread_stat(pid: u32, thread: u32) -> Option<Stat> {
    parse(&std::fs::read(format!("/proc/{pid}/task/{thread}/stat")).ok()?)
}

#[cfg(target_os = "linux")]
pub fn threads(pid: u32) -> Vec<u32> {
    numbers(&format!("/proc/{pid}/task"))
}

#[cfg(target_os = "linux")]
pub fn all() -> Vec<Stat> {
    numbers("/proc").into_iter().filter_map(stat).collect()
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

/// The second field, the name, is the process' own to choose: it may hold spaces and parentheses.
#[cfg(target_os = "linux")]
fn parse(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|byte| *byte == b'(')?;
    let close = text.iter().rposition(|byte| *byte == b')')?;
    let pid = std::str::from_utf8(text.get(..open)?)
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    Some(Stat {
        pid,
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        born: (*fields.get(19)?).to_owned(),
    })
}

#[cfg(not(target_os = "linux"))]
pub fn stat(pid: u32) -> Option<Stat> {
    ps(&["-p", &pid.to_string()]).pop()
}

#[cfg(not(target_os = "linux"))]
pub fn all() -> Vec<Stat> {
    ps(&["-ax"])
}

/// Dates in one form, whoever asks.
#[cfg(not(target_os = "linux"))]
fn ps(which: &[&str]) -> Vec<Stat> {
    let mut ask = std::process::Command::new("/bin/ps");
    ask.args(which)
        .args(["-o", "pid=,ppid=,stat=,lstart="])
        .env("LC_ALL", "C");
    let Ok(told) = ask.output() else {
        return Vec::new();
    };
    let line = |line: &str| {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [pid, parent, state, born @ ..] = fields.as_slice() else {
            return None;
        };
        // ps(1) pads the day, and so does what `readBirth` has: columns, not words.
        let from = line.find(born.first()?)?;
        let born = line.get(from..)?.trim().to_owned();
        Some(Stat {
            pid: pid.parse().ok()?,
            parent: parent.parse().ok()?,
            session: 0,
            state: state.chars().next()?,
            born,
        })
    };
    String::from_utf8_lossy(&told.stdout)
        .lines()
        .filter_map(line)
        .collect()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_is_passed_over() {
        let fields = (4..=21)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(" ");
        let text = format!("77 (a) R (b c) ) S {fields} 987654 1 2");
        let found = parse(text.as_bytes()).unwrap();
        assert_eq!(
            (found.pid, found.state, found.parent, found.born.as_str()),
            (77, 'S', 4, "987654")
        );
    }

    #[test]
    fn we_find_ourselves_and_nobody_else_by_our_mark() {
        let mut mark = own().unwrap();
        assert!(find(&mark).is_some());
        mark.born = "1".to_owned().try_into().unwrap();
        assert!(find(&mark).is_none());
    }
}
