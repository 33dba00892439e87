//! Follows many files by name: what is written to them comes as whole lines, through rotation by rename and by
//! truncation (`copytruncate`). The kernel says when to look (inotify); a slow look of our own is the truth behind it.
//! What was truncated and grew past where we were between two looks cannot be told from what was only written on.
mod bell;
pub mod command;
mod reader;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bell::Bell;
use reader::{Reader, Sink, place_of};

use crate::contract::bounded::Text;
use crate::contract::capability::{Capability, Reverter};
use crate::contract::error::NativeError;

/// How long a file that was rotated away is read on: who writes it may not know yet.
const FADES: Duration = Duration::from_secs(5);
/// Between two looks when nothing rings; and the least, however often it rings.
const SLOW: Duration = Duration::from_secs(1);
const SLOW_WITHOUT_BELL: Duration = Duration::from_millis(100);
const LEAST: Duration = Duration::from_millis(5);

/// Where to begin in a file that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    End,
    Byte(u64),
}

struct Followed {
    path: PathBuf,
    /// Where to begin in the first one; later ones begin at their beginning.
    start: Option<Start>,
    /// The one of that name last; before it those that were rotated away, and since when they are.
    readers: Vec<(Reader, Option<Instant>)>,
}

impl Followed {
    /// Reads what is new. Whether there may be more.
    fn look(&mut self, now: Instant, sink: &mut Sink) -> bool {
        self.find(now);
        let mut more = false;
        for (reader, since) in &mut self.readers {
            let before = reader.at();
            // What cannot be read now (a disk that is gone) is tried again at the next look.
            more |= reader.read(sink).unwrap_or(false);
            if since.is_some() && reader.at() != before {
                *since = Some(now);
            }
        }
        self.readers.retain_mut(|(reader, since)| {
            let faded = since.is_some_and(|since| now.duration_since(since) >= FADES);
            if faded {
                reader.finish(sink);
            }
            !faded
        });
        more
    }

    /// Opens the file of that name when it is not the one we read.
    fn find(&mut self, now: Instant) {
        let Some(place) = place_of(&self.path) else {
            // Gone, and perhaps to come back: then it begins at its beginning.
            self.start = Some(Start::Byte(0));
            return;
        };
        if self
            .readers
            .last()
            .is_some_and(|(reader, _)| reader.place() == place)
        {
            return;
        }
        let start = self
            .start
            .take()
            .filter(|_| self.readers.is_empty())
            .unwrap_or(Start::Byte(0));
        let Ok(reader) = Reader::open(&self.path, start) else {
            return;
        };
        if let Some((_, since)) = self.readers.last_mut() {
            *since = Some(now);
        }
        self.readers.push((reader, None));
    }
}

type Files = BTreeMap<String, Followed>;

/// Follows until it is dropped.
pub struct Follower {
    files: Arc<Mutex<Files>>,
    bell: Arc<Bell>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follower {
    /// `tell` is called with the name and lines, in order, on a thread of the follower's.
    ///
    /// # Errors
    /// What the system says when no thread or pipe can be had.
    pub fn start(mut tell: impl FnMut(&str, Vec<String>) + Send + 'static) -> io::Result<Self> {
        let files = Arc::new(Mutex::new(Files::new()));
        let bell = Arc::new(Bell::hang()?);
        let stopped = Arc::new(AtomicBool::new(false));
        let (seen, rings, ended) = (Arc::clone(&files), Arc::clone(&bell), Arc::clone(&stopped));
        let thread = thread::Builder::new().name("tail".into()).spawn(move || {
            while !ended.load(Ordering::Acquire) {
                let mut more = false;
                for (name, followed) in &mut *seen.lock().unwrap_or_else(PoisonError::into_inner) {
                    let mut sink = Sink::new(|lines| tell(name, lines));
                    more |= followed.look(Instant::now(), &mut sink);
                    sink.flush();
                }
                if !more {
                    rings.wait(if rings.rings() {
                        SLOW
                    } else {
                        SLOW_WITHOUT_BELL
                    });
                    // A file that is written byte by byte must not keep us running.
                    thread::sleep(LEAST);
                    rings.calm();
                }
            }
        })?;
        Ok(Follower {
            files,
            bell,
            stopped,
            thread: Some(thread),
        })
    }

    /// Follows this file under this name, also when it is not there yet. A name is one file: another under it takes its place.
    ///
    /// # Errors
    /// `no-file` for a folder, a device or a pipe.
    pub fn add(&self, name: &str, path: &Path, start: Start) -> Result<(), NativeError> {
        if path.exists() && !path.is_file() {
            let message = format!("{} is no regular file", path.display());
            return Err(NativeError::new(
                "no-file",
                message,
                "only files can be followed",
            ));
        }
        self.bell.listen(path);
        let mut followed = Followed {
            path: path.to_owned(),
            start: Some(start),
            readers: Vec::new(),
        };
        // From here on: what is written after the answer is told, whenever the first look comes.
        followed.find(Instant::now());
        self.files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), followed);
        self.bell.ring();
        Ok(())
    }

    pub fn remove(&self, name: &str) {
        self.files
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(name);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        self.bell.ring();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// How it is told when to look.
pub fn capability() -> Capability {
    let rings = Bell::hang().is_ok_and(|bell| bell.rings());
    Capability {
        name: "tail".to_owned().try_into().unwrap_or_default(),
        available: true,
        mechanism: Text::cut(if rings { "inotify" } else { "poll" }),
        privileged: false,
        revert: Reverter::None,
        because: Text::cut(if rings {
            ""
        } else {
            "without inotify: looks every 100 ms"
        }),
        remedy: Text::cut(""),
    }
}

#[cfg(test)]
mod tests;
