//! What takes an effect back that no death of ours does: idempotent, and harmless to whom it does not concern.
use std::path::PathBuf;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};

use crate::contract::process::ProcessMark;
use crate::machine::handle::Handle;
use crate::machine::process;
use crate::machine::terminal::Terminal;
use crate::machine::tmux::door;
#[cfg(target_os = "linux")]
use crate::shim::page::{Page, Part};

mod hook;
mod window_size;
pub use hook::Hook;
pub use window_size::{STORM_MARK, WindowSize};

/// Names of files the disk faults make where a file without a name cannot be had.
pub const FILE_PREFIX: &str = ".hms-chaos-";

/// To add one: a variant, and an arm in each method. It must do no harm when it was done already, when the effect
/// never came about, and when its process is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "snake_case", deny_unknown_fields)]
pub enum Undo {
    /// A process that was stopped by SIGSTOP runs on.
    Continue { process: ProcessMark },
    /// The soft limit of open files is `before` again, when it still is what we `set`: the target's, and that of who
    /// inherited it from the target, in its tree or in its `session`, born not before `since` (as births are told).
    OpenFiles {
        process: ProcessMark,
        before: u64,
        set: u64,
        session: u32,
        since: u64,
    },
    /// A file of ours goes: its name begins with [`FILE_PREFIX`].
    Unlink { path: PathBuf },
    /// A terminal has the size `before` again, when the one it has is a storm's.
    WindowSize {
        terminal: Terminal,
        before: WindowSize,
    },
    /// A process of ours, which one that was killed has left behind, ends.
    End { process: ProcessMark },
    /// tmux has its hook again, unless somebody has set another one.
    Hook { hook: Hook },
    /// The door of a tmux server is open, when it was ours who stood in it.
    Door { door: PathBuf, mark: String },
    /// A program's clock or files are as they were.
    #[cfg(target_os = "linux")]
    Lease { page: Page, part: Part },
}

/// How long one that was killed may take to be gone, in steps of 1 ms.
const GONE_MS: u32 = 500;

impl Undo {
    /// Whether its effect outlives the machine's boot.
    pub fn outlives_boot(&self) -> bool {
        matches!(self, Self::Unlink { .. })
    }

    /// Takes it back; what failed is seen by [`Self::residue`].
    pub fn apply(&self) {
        match self {
            Self::Continue { process } => {
                if let Ok(handle) = Handle::open(process) {
                    let _ = handle.signal(Signal::CONT);
                }
            }
            Self::OpenFiles { before, .. } => open_files::restore(&self.holders(), *before),
            Self::Unlink { path } => {
                if is_ours(path) {
                    let _ = std::fs::remove_file(path);
                }
            }
            Self::WindowSize { terminal, before } => before.restore(terminal),
            Self::End { process } => end(process),
            Self::Hook { hook } => hook.restore(),
            Self::Door { door, mark } => door::leave(door, mark),
            #[cfg(target_os = "linux")]
            Self::Lease { page, part } => page.end(*part),
        }
    }

    /// Who still has the limit that was set, the target before who inherited it.
    fn holders(&self) -> Vec<ProcessMark> {
        let Self::OpenFiles {
            process,
            set,
            session,
            since,
            ..
        } = self
        else {
            return Vec::new();
        };
        let mut found = vec![process.clone()];
        let young = |one: &process::Stat| one.born.parse::<u64>().is_ok_and(|born| born >= *since);
        let tree = process::find(process)
            .map_or_else(Vec::new, |root| process::descendants(root.pid, &[]));
        let session = process::all()
            .into_iter()
            .filter(|one| *session > 1 && one.session == *session);
        for heir in tree.into_iter().chain(session).filter(young) {
            found.extend(heir.mark().filter(|mark| !found.contains(mark)));
        }
        found.retain(|mark| open_files::soft(mark) == Some(*set));
        found
    }

    /// What is still there of the effect, as a sentence.
    pub fn residue(&self) -> Option<String> {
        match self {
            Self::Continue { process } => {
                let found = process::find(process)?;
                (found.state == 'T').then(|| format!("process {} is stopped", found.pid))
            }
            Self::OpenFiles { set, .. } => {
                let pid = self.holders().first()?.pid.get();
                Some(format!("process {pid} may open {set} files"))
            }
            Self::Unlink { path } => {
                let there = is_ours(path) && path.symlink_metadata().is_ok();
                there.then(|| format!("the file {} is there", path.display()))
            }
            Self::WindowSize { terminal, .. } => {
                let ours = WindowSize::of(terminal).is_some_and(WindowSize::is_ours);
                ours.then(|| {
                    format!(
                        "the terminal {} has a size of ours",
                        terminal.path.display()
                    )
                })
            }
            Self::End { process } => {
                let found = process::find(process)?;
                Some(format!("process {} of ours is there", found.pid))
            }
            Self::Hook { hook } => hook.residue(),
            Self::Door { door, mark } => {
                let there = door::stands_in(door, mark);
                there.then(|| format!("the link {} is there", door.display()))
            }
            #[cfg(target_os = "linux")]
            Self::Lease { page, part } => {
                let pid = page.process.pid.get();
                page.is_leased(*part)
                    .then(|| format!("process {pid} still has its {} harmed", part.words()))
            }
        }
    }
}

/// What it has sent to others has arrived when this returns.
fn end(process: &ProcessMark) {
    let Ok(handle) = Handle::open(process) else {
        return;
    };
    let _ = handle.signal(Signal::KILL);
    for _ in 0..GONE_MS {
        if handle.ended() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn is_ours(path: &std::path::Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    path.is_absolute() && name.is_some_and(|name| name.starts_with(FILE_PREFIX))
}

/// The limit of open files of another process: prlimit(2).
#[cfg(target_os = "linux")]
pub mod open_files {
    use rustix::process::{Resource, Rlimit, prlimit};

    use super::{ProcessMark, process};

    /// Soft and hard limit; None when it is gone or not ours to read. Infinity is `u64::MAX`.
    pub fn limits(mark: &ProcessMark) -> Option<(u64, u64)> {
        let found = process::find(mark)?;
        let text = std::fs::read_to_string(format!("/proc/{}/limits", found.pid)).ok()?;
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("Max open files"))?;
        let mut numbers = line
            .split_ascii_whitespace()
            .map(|field| field.parse().unwrap_or(u64::MAX));
        let both = (numbers.next()?, numbers.next()?);
        // Read by pid: it is still the same process?
        process::find(mark).map(|_| both)
    }

    pub fn soft(mark: &ProcessMark) -> Option<u64> {
        limits(mark).map(|(soft, _)| soft)
    }

    /// Sets the soft limit and leaves the hard one.
    ///
    /// # Errors
    /// `SRCH` when it is gone, `PERM` when it is not ours.
    pub fn set_soft(mark: &ProcessMark, soft: u64) -> Result<(), rustix::io::Errno> {
        let gone = rustix::io::Errno::SRCH;
        let (_, hard) = limits(mark).ok_or(gone)?;
        let finite = |limit: u64| (limit != u64::MAX).then_some(limit);
        let new = Rlimit {
            current: finite(soft.min(hard)),
            maximum: finite(hard),
        };
        let pid = process::raw(mark).ok_or(gone)?;
        process::find(mark).ok_or(gone)?;
        prlimit(Some(pid), Resource::Nofile, new).map(|_| ())
    }

    pub fn restore(marks: &[ProcessMark], before: u64) {
        for mark in marks {
            let _ = set_soft(mark, before);
        }
    }
}

/// Not here: another process' limits cannot be set, so there is nothing to take back.
#[cfg(not(target_os = "linux"))]
mod open_files {
    use super::ProcessMark;

    pub fn soft(_mark: &ProcessMark) -> Option<u64> {
        None
    }

    pub fn restore(_marks: &[ProcessMark], _before: u64) {}
}
