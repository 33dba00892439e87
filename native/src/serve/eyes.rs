//! What a caller has us look at: processes that may end, files that grow. Each part starts when it is first asked for.
use std::collections::HashMap;
use std::path::Path;

use crate::contract::bounded::Count;
use crate::contract::error::NativeError;
use crate::contract::lines::{Lines, Push};
use crate::contract::request::{Nothing, TailAdd, WatchAdd, WatchAdded};
use crate::tail::{Follower, Start};
use crate::watch::{self, Watcher};

use super::Outbox;

/// Bytes that may wait for a caller before lines are left out, and counted.
const ENOUGH: usize = 2 << 20;

pub struct Eyes {
    outbox: Outbox,
    watcher: Option<Watcher>,
    follower: Option<Follower>,
}

impl Eyes {
    pub fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            watcher: None,
            follower: None,
        }
    }

    /// # Errors
    /// `cannot-watch`.
    pub fn watch(&mut self, asked: &WatchAdd) -> Result<WatchAdded, NativeError> {
        let outbox = self.outbox.clone();
        let start = || Watcher::start(move |died| outbox.push(&Push::Died(died)));
        let watcher = match self.watcher.take() {
            Some(watcher) => watcher,
            None => start().map_err(|error| watch::cannot(&error))?,
        };
        self.watcher.insert(watcher).add_all(asked)
    }

    pub fn unwatch(&self, names: &[String]) -> Nothing {
        if let Some(watcher) = &self.watcher {
            for name in names {
                watcher.remove(name);
            }
        }
        Nothing {}
    }

    /// # Errors
    /// `no-file`, `cannot-follow`.
    pub fn follow(&mut self, asked: &TailAdd) -> Result<Nothing, NativeError> {
        let follower = match self.follower.take() {
            Some(follower) => follower,
            None => follow(self.outbox.clone())?,
        };
        let start = u64::try_from(asked.from.0).map_or(Start::End, Start::Byte);
        self.follower
            .insert(follower)
            .add(&asked.name, Path::new(&*asked.path), start)?;
        Ok(Nothing {})
    }

    pub fn unfollow(&self, name: &str) -> Nothing {
        if let Some(follower) = &self.follower {
            follower.remove(name);
        }
        Nothing {}
    }
}

/// Pushes lines, as long as the caller reads them.
fn follow(outbox: Outbox) -> Result<Follower, NativeError> {
    let mut dropped: HashMap<String, u64> = HashMap::new();
    let push = move |name: &str, lines: Vec<String>| {
        if outbox.queued() > ENOUGH {
            *dropped.entry(name.to_owned()).or_default() += lines.len() as u64;
            return;
        }
        let dropped = Count::near(dropped.remove(name).unwrap_or(0));
        outbox.push(&Push::Lines(Lines {
            name: name.to_owned(),
            lines,
            dropped,
        }));
    };
    Follower::start(push).map_err(|error| {
        NativeError::new(
            "cannot-follow",
            format!("files cannot be followed: {error}"),
            "",
        )
    })
}
