//! Tells the moment a process ends: a pidfd each (`pidfd_open(2)`, Linux 5.3) under one epoll, or kqueue's `EVFILT_PROC`.
//! Whoever watches keeps looking by itself as well: what cannot be watched, and what we miss, it finds a little later.
#[cfg(not(target_os = "linux"))]
#[path = "kqueue.rs"]
mod kernel;
#[cfg(target_os = "linux")]
#[path = "pidfd.rs"]
mod kernel;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use kernel::{Hold, Kernel, MECHANISM};

use crate::contract::bounded::{Count, Text};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::error::NativeError;
use crate::contract::lines::Died;
use crate::contract::process::ProcessMark;
use crate::contract::request::{WatchAdd, WatchAdded};
use crate::proc;

/// What became of the wish to watch one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watching {
    Since,
    /// It had ended, or its pid is another's by now.
    Gone,
}

struct Watched {
    process: ProcessMark,
    hold: Hold,
}

/// By name. One name is one process: watching another under it forgets the first.
type Table = HashMap<String, Watched>;

/// Watches until it is dropped.
pub struct Watcher {
    kernel: Arc<Kernel>,
    table: Arc<Mutex<Table>>,
}

impl Watcher {
    /// `tell` is called once for each death, on a thread of the watcher's.
    ///
    /// # Errors
    /// What the system says when no queue of events can be had.
    pub fn start(tell: impl Fn(Died) + Send + 'static) -> io::Result<Self> {
        let kernel = Arc::new(Kernel::open()?);
        let table = Arc::new(Mutex::new(Table::new()));
        let (waits, seen) = (Arc::clone(&kernel), Arc::clone(&table));
        thread::Builder::new().name("watch".into()).spawn(move || {
            let mut pids = Vec::new();
            while waits.wait(&mut pids) {
                let at = Count::near(now());
                let dead = take_dead(
                    &mut seen.lock().unwrap_or_else(PoisonError::into_inner),
                    &pids,
                );
                for (name, Watched { process, .. }) in dead {
                    tell(Died { name, process, at });
                }
            }
        })?;
        Ok(Watcher { kernel, table })
    }

    /// From now on. The process is held by what the kernel gave for it before its birth is compared: a pid that is given
    /// to another in between is noticed.
    ///
    /// # Errors
    /// What the system says when it cannot be watched: no pidfds (`ENOSYS`), no more files (`EMFILE`).
    pub fn add(&self, name: &str, process: &ProcessMark) -> io::Result<Watching> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.remove(name);
        let Some(hold) = self.kernel.hold(proc::pid(process))? else {
            return Ok(Watching::Gone);
        };
        if !proc::lives(process) {
            return Ok(Watching::Gone);
        }
        table.insert(
            name.to_owned(),
            Watched {
                process: process.clone(),
                hold,
            },
        );
        Ok(Watching::Since)
    }

    /// All of these, in order; the names of those that are gone.
    ///
    /// # Errors
    /// `cannot-watch`; those before the one that could not be watched are.
    pub fn add_all(&self, asked: &WatchAdd) -> Result<WatchAdded, NativeError> {
        let mut gone = Vec::new();
        for one in asked.processes.iter() {
            match self
                .add(&one.name, &one.process)
                .map_err(|error| cannot(&error))?
            {
                Watching::Since => {}
                Watching::Gone => gone.push(one.name.to_string()),
            }
        }
        Ok(WatchAdded { gone })
    }

    /// Nothing is told of it any more.
    pub fn remove(&self, name: &str) {
        self.table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }

    /// How many are watched.
    pub fn count(&self) -> usize {
        self.table
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.kernel.close();
    }
}

/// An error people meet, of what the system says.
pub fn cannot(error: &io::Error) -> NativeError {
    let message = format!("processes cannot be watched: {error}");
    NativeError::new(
        "cannot-watch",
        message,
        "whoever asks keeps looking by itself, which is a little slower",
    )
}

/// Whether the kernel tells of ends: tried on ourselves.
pub fn capability() -> Capability {
    let tried = Kernel::open()
        .and_then(|kernel| kernel.hold(i32::try_from(std::process::id()).unwrap_or(0)));
    let (because, remedy) = match &tried {
        Ok(_) => (String::new(), ""),
        Err(error) => (
            error.to_string(),
            "Linux 5.3 or newer, or macOS; until then looks every 50 ms tell",
        ),
    };
    Capability {
        name: "watch".to_owned().try_into().unwrap_or_default(),
        available: tried.is_ok(),
        mechanism: Text::cut(if tried.is_ok() { MECHANISM } else { "" }),
        privileged: false,
        revert: Reverter::None,
        because: Text::cut(&because),
        remedy: Text::cut(remedy),
    }
}

/// Those that have really ended: an event may be about a process that had the pid before.
fn take_dead(table: &mut Table, pids: &[i32]) -> Vec<(String, Watched)> {
    let ended = |watched: &Watched| {
        pids.contains(&proc::pid(&watched.process)) && watched.hold.has_ended(&watched.process)
    };
    let names: Vec<String> = table
        .iter()
        .filter(|(_, watched)| ended(watched))
        .map(|(name, _)| name.clone())
        .collect();
    names
        .into_iter()
        .filter_map(|name| table.remove_entry(&name))
        .collect()
}

/// Wall clock, ms.
pub fn now() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

pub mod command;
#[cfg(test)]
mod tests;
