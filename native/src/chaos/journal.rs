//! The undo journal: one file an injection, on the disk before the first effect, gone after the proof.
//!
//! `FOLDER/undo-ID.jsonl`, one JSON object a line, only ever appended to: the order, then who acts, then what more
//! there is to undo. A torn last line was never acted on. Who is in charge holds an exclusive lock (flock(2)), which
//! the kernel takes away when they die: so nobody replays what is still applied, and everybody may replay the rest.
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};
use serde::{Deserialize, Serialize};

use super::order::Order;
use super::undo::Undo;
use crate::contract::process::ProcessMark;

/// Bytes of a journal that are read; ours are a few kB.
const MAX_JOURNAL: u64 = 4 << 20;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Order(Box<Order>),
    Actor(ProcessMark),
    Undo(Undo),
}

/// A journal we are in charge of.
pub struct Journal {
    file: File,
    path: PathBuf,
    pub order: Order,
    pub actor: Option<ProcessMark>,
    /// In the order the effects come about: undone from the last to the first.
    pub undo: Vec<Undo>,
}

/// What became of trying to take charge.
pub enum Taken {
    Journal(Box<Journal>),
    /// It is gone, or nothing was ever done by it; then it is removed.
    Nothing,
    /// Someone who lives is in charge.
    Held,
    /// Whole, but not of a form we know: of another version. It stays as it is.
    Unreadable,
}

impl Journal {
    /// Begins one. When this returns it is on the disk.
    ///
    /// # Errors
    /// `AlreadyExists` when an injection of that id is not over, what the file system says otherwise.
    pub fn begin(order: Order) -> io::Result<Self> {
        let path = path(&order);
        let mut file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        write(&mut file, &Entry::Order(Box::new(order.clone()))).inspect_err(|_| {
            // Nothing was done by it: no half of it may stand in the way of another try.
            let _ = std::fs::remove_file(&path);
        })?;
        File::open(&order.folder)?.sync_all()?;
        // Someone who recovers may have come between creation and lock, and have found an empty file.
        if file.metadata()?.nlink() == 0 {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let undo = order.design.undo.clone();
        Ok(Self {
            file,
            path,
            order,
            actor: None,
            undo,
        })
    }

    /// # Errors
    /// What the file system says; then the actor must not be given its order.
    pub fn note_actor(&mut self, actor: ProcessMark) -> io::Result<()> {
        write(&mut self.file, &Entry::Actor(actor.clone()))?;
        self.actor = Some(actor);
        Ok(())
    }

    /// # Errors
    /// What the file system says; then the effect must not come about.
    pub fn note_undo(&mut self, undo: Undo) -> io::Result<()> {
        write(&mut self.file, &Entry::Undo(undo.clone()))?;
        self.undo.push(undo);
        Ok(())
    }

    /// Takes charge of what someone who died has left.
    pub fn take(path: &Path) -> Taken {
        let mut open = OpenOptions::new();
        open.read(true).append(true);
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        open.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
        let Ok(file) = open.open(path) else {
            return Taken::Nothing;
        };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Taken::Held;
        }
        let Ok(about) = file.metadata() else {
            return Taken::Nothing;
        };
        let ours = about.is_file() && about.uid() == rustix::process::geteuid().as_raw();
        if !ours || about.nlink() == 0 {
            return Taken::Nothing;
        }
        let mut text = Vec::new();
        let _ = (&file).take(MAX_JOURNAL).read_to_end(&mut text);
        let mut entries = text
            .split_inclusive(|byte| *byte == b'\n')
            .filter(|line| line.ends_with(b"\n"));
        let Some(first) = entries.next() else {
            // Not even the order was written whole: nothing was done by it.
            let _ = std::fs::remove_file(path);
            return Taken::Nothing;
        };
        let Ok(Entry::Order(order)) = serde_json::from_slice(first) else {
            return Taken::Unreadable;
        };
        let undo = order.design.undo.clone();
        let mut journal = Self {
            file,
            path: path.to_owned(),
            order: *order,
            actor: None,
            undo,
        };
        for entry in entries {
            match serde_json::from_slice(entry) {
                Ok(Entry::Actor(actor)) => journal.actor = Some(actor),
                Ok(Entry::Undo(undo)) => journal.undo.push(undo),
                Ok(Entry::Order(_)) | Err(_) => {}
            }
        }
        Taken::Journal(Box::new(journal))
    }

    /// After the proof that nothing is left.
    pub fn end(self) {
        let _ = std::fs::remove_file(&self.path);
        if let Some(folder) = self.path.parent() {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
    }
}

pub fn path(order: &Order) -> PathBuf {
    path_of(&order.folder, &order.id)
}

pub fn path_of(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("undo-{id}.jsonl"))
}

/// Journals in a folder, whoever is in charge of them.
pub fn all(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let named = |name: &str| {
        name.strip_prefix("undo-")
            .is_some_and(|rest| rest.strip_suffix(".jsonl").is_some())
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(named)
        })
        .collect();
    found.sort();
    found
}

fn write(file: &mut File, entry: &Entry) -> io::Result<()> {
    let mut line = serde_json::to_vec(entry)?;
    line.push(b'\n');
    file.write_all(&line)?;
    file.sync_all()
}
