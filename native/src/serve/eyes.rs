//! What a caller has us look at: processes that may end, files that grow. Each part starts when it is first asked for.
use crate::contract::error::NativeError;
use crate::contract::lines::Push;
use crate::contract::request::{Nothing, WatchAdd, WatchAdded};
use crate::watch::{self, Watcher};

use super::Outbox;

pub struct Eyes {
    outbox: Outbox,
    watcher: Option<Watcher>,
}

impl Eyes {
    pub fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            watcher: None,
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
}
