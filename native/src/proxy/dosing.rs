//! Which toxics are at work, who holds them, and which connections they are for.
use super::connection::{Connection, Fuse};
use super::flow::End;
use super::random::Random;
use super::shape::Stage;
use super::toxic::{Dose, Toxic, covers, ms};
use crate::contract::error::NativeError;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// One holder has no more at once.
const MOST: usize = 16;
/// Tells apart what is drawn from one seed: whether a connection is chosen, and what happens on it each way.
const CHOICE: u64 = 0;
const UP: u64 = 1;
const DOWN: u64 = 2;

#[derive(Debug)]
struct Active {
    key: u64,
    /// Whose it is; it goes when they go.
    holder: u64,
    dose: Dose,
    /// Connections it was asked about so far: the seed says what becomes of the first, the second…
    asked: u64,
    chosen: u64,
}

/// A toxic at work, as `status` tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Working {
    #[serde(flatten)]
    pub dose: Dose,
    /// Connections it was for so far.
    pub connections: u64,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Dosing {
    active: Vec<Active>,
    keys: u64,
}

impl Dosing {
    /// Begins a toxic on its share of the connections that are open, and of those to come. How many it is for now.
    ///
    /// # Errors
    /// `proxy-toxic` when it cannot be, `proxy-toxics` when the holder has too many.
    pub fn add<'a>(
        &mut self,
        holder: u64,
        dose: Dose,
        now: Instant,
        open: impl Iterator<Item = &'a mut Connection>,
    ) -> Result<u64, NativeError> {
        dose.check()?;
        if self
            .active
            .iter()
            .filter(|active| active.holder == holder)
            .count()
            >= MOST
        {
            return Err(NativeError::new(
                "proxy-toxics",
                format!("{MOST} toxics are at work already."),
                "Take one back first.",
            ));
        }
        self.keys += 1;
        let mut active = Active {
            key: self.keys,
            holder,
            dose,
            asked: 0,
            chosen: 0,
        };
        for connection in open {
            active.ask(connection, now);
        }
        let chosen = active.chosen;
        self.active.push(active);
        Ok(chosen)
    }

    /// A connection comes.
    pub fn begin(&mut self, connection: &mut Connection, now: Instant) {
        for active in &mut self.active {
            active.ask(connection, now);
        }
    }

    /// Ends a holder's toxics: those of these names, all when `names` is None. How many there were.
    pub fn remove<'a>(
        &mut self,
        holder: u64,
        names: Option<&[String]>,
        now: Instant,
        open: impl Iterator<Item = &'a mut Connection>,
    ) -> usize {
        let goes = |active: &Active| {
            active.holder == holder && names.is_none_or(|names| names.contains(&active.dose.name))
        };
        let keys: Vec<u64> = self
            .active
            .iter()
            .filter(|active| goes(active))
            .map(|active| active.key)
            .collect();
        if keys.is_empty() {
            return 0;
        }
        self.active.retain(|active| !goes(active));
        for connection in open {
            for key in &keys {
                connection.remove(*key, now);
            }
        }
        keys.len()
    }

    /// What is at work.
    pub fn working(&self) -> Vec<Working> {
        let of = |active: &Active| Working {
            dose: active.dose.clone(),
            connections: active.chosen,
        };
        self.active.iter().map(of).collect()
    }
}

impl Active {
    fn ask(&mut self, connection: &mut Connection, now: Instant) {
        let (seed, nth) = (self.dose.seed, self.asked);
        self.asked += 1;
        if Random::of(seed, &[CHOICE, nth]).unit() >= self.dose.toxicity {
            return;
        }
        self.chosen += 1;
        let fuse = |span: u64, end| Fuse {
            key: self.key,
            at: now + ms(span),
            end,
        };
        let fuse = match self.dose.toxic {
            Toxic::ResetPeer { after_ms } => {
                return connection.add(None, None, Some(fuse(after_ms, End::Reset)));
            }
            Toxic::Timeout { timeout_ms } if timeout_ms > 0 => Some(fuse(timeout_ms, End::Close)),
            _ => None,
        };
        let stage = |up: bool| {
            let way = if up { UP } else { DOWN };
            let random = Random::of(seed, &[way, nth]);
            let covers = covers(self.dose.direction, up);
            covers.then(|| Stage::new(self.key, self.dose.toxic.clone(), random))
        };
        connection.add(stage(true), stage(false), fuse);
    }
}
