//! The connections of a proxy: taken in, stepped when something moved, let go.
use super::connection::{Connection, Fate};
use super::listen::Listener;
use super::poller::{Interest, Poller};
use super::upstream::Upstream;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io::Write;
use std::time::{Duration, Instant};

/// Bytes all connections of a proxy hold back together.
const ROOM: usize = 128 * 1024 * 1024;
/// What is read at once.
const SCRATCH: usize = 128 * 1024;
/// So many connections are taken in before others have their turn.
const ACCEPTS: usize = 64;
/// Words about refused connections come at most this often.
const WORDS_EVERY: Duration = Duration::from_secs(10);

/// Tokens of connections: the connection's id times this, plus the side.
const SIDES: u64 = 2;
/// Ids stay below this; tokens from here on are others'.
pub const OTHERS: u64 = 1 << 62;

/// What went through so far.
#[derive(Debug, Default, Clone, Copy)]
pub struct Totals {
    pub accepted: u64,
    /// Turned away because too many were open.
    pub refused: u64,
    pub up: u64,
    pub down: u64,
    /// Vanished, both ways.
    pub lost: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Traffic {
    pub connections: BTreeMap<u64, Connection>,
    pub totals: Totals,
    upstream: Upstream,
    /// No more are open at once.
    most: usize,
    next: u64,
    held: usize,
    timers: BinaryHeap<Reverse<(Instant, u64)>>,
    scratch: Vec<u8>,
    /// Given up for a moment when no descriptor is left, to turn a connection away rather than let it hang.
    spare: Option<OwnedFd>,
    told: Option<Instant>,
}

impl Traffic {
    /// No connections yet.
    pub fn new(upstream: Upstream, most: usize) -> Self {
        Self {
            connections: BTreeMap::new(),
            totals: Totals::default(),
            upstream,
            most,
            next: 1,
            held: 0,
            timers: BinaryHeap::new(),
            scratch: vec![0; SCRATCH],
            spare: spare(),
            told: None,
        }
    }

    /// Takes in who waits at the listener. `begin` is told of each, before a byte of it moved.
    pub fn accept(
        &mut self,
        listener: &Listener,
        poller: &mut Poller,
        now: Instant,
        mut begin: impl FnMut(&mut Connection),
    ) {
        for _ in 0..ACCEPTS {
            let client = match listener.accept() {
                Ok(Some(client)) => client,
                Ok(None) => return,
                Err(error) => return self.short_of(&error, listener, now),
            };
            if self.connections.len() >= self.most {
                self.refuse(&client, now);
                continue;
            }
            self.totals.accepted += 1;
            let mut connection = Connection::new(client, self.upstream.targets(now), now);
            begin(&mut connection);
            let id = self.next;
            self.next += 1;
            self.connections.insert(id, connection);
            self.step(id, poller, now);
        }
    }

    fn refuse(&mut self, client: &OwnedFd, now: Instant) {
        let _ = rustix::net::sockopt::set_socket_linger(client, Some(Duration::ZERO));
        self.totals.refused += 1;
        let most = self.most;
        self.say(now, || {
            format!(
                "proxy-full: {most} connections are open, no more are let in. \
                 Close some, or start the proxy with a larger --max-connections."
            )
        });
    }

    fn short_of(&mut self, error: &std::io::Error, listener: &Listener, now: Instant) {
        let code = error.raw_os_error().map(Errno::from_raw_os_error);
        if matches!(code, Some(Errno::MFILE | Errno::NFILE)) {
            self.spare = None;
            if let Ok(Some(client)) = listener.accept() {
                self.refuse(&client, now);
            }
            self.spare = spare();
        }
        let error = error.to_string();
        self.say(now, || {
            format!("proxy-accept: a connection could not be taken in: {error}.")
        });
    }

    fn say(&mut self, now: Instant, words: impl FnOnce() -> String) {
        if self.told.is_none_or(|told| now >= told + WORDS_EVERY) {
            self.told = Some(now);
            // Who started us may be gone, and its pipe with it.
            let _ = writeln!(std::io::stderr(), "{}", words());
        }
    }

    /// Steps the connection this token belongs to.
    pub fn ready(&mut self, token: u64, poller: &mut Poller, now: Instant) {
        self.step(token / SIDES, poller, now);
    }

    /// Steps every connection whose moment has come.
    pub fn tick(&mut self, poller: &mut Poller, now: Instant) {
        while let Some(Reverse((at, id))) = self.timers.peek().copied() {
            if at > now {
                return;
            }
            self.timers.pop();
            if let Some(connection) = self.connections.get_mut(&id) {
                if connection.armed == Some(at) {
                    connection.armed = None;
                    self.step(id, poller, now);
                }
            }
        }
    }

    /// When a connection wants to be stepped next.
    pub fn deadline(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((at, _))| *at)
    }

    /// Steps all: the toxics have changed.
    pub fn step_all(&mut self, poller: &mut Poller, now: Instant) {
        let ids: Vec<u64> = self.connections.keys().copied().collect();
        for id in ids {
            self.step(id, poller, now);
        }
    }

    /// Ends all at once.
    pub fn cut(&mut self, poller: &mut Poller) {
        let ids: Vec<u64> = self.connections.keys().copied().collect();
        for id in ids {
            self.end(id, poller, Fate::Closed);
        }
    }

    /// Bytes that are held back.
    pub fn held(&self) -> usize {
        self.held
    }

    fn step(&mut self, id: u64, poller: &mut Poller, now: Instant) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        let held = connection.held();
        let server = connection.server.clone();
        let room = ROOM.saturating_sub(self.held);
        let fate = connection.step(now, room, &mut self.scratch);
        self.held = self.held + connection.held() - held;
        if fate != Fate::Goes {
            return self.end(id, poller, fate);
        }
        let (of_client, of_server, wake) = connection.interests();
        let token = id * SIDES;
        if let (Some(before), Some(after)) = (&server, &connection.server) {
            if !std::rc::Rc::ptr_eq(before, after) {
                poller.forget(token + 1);
            }
        }
        let mut set = poller.set(token, &connection.client, of_client);
        match &connection.server {
            Some(server) => set = set.and(poller.set(token + 1, server, of_server)),
            None => poller.forget(token + 1),
        }
        if let Some(at) = wake.filter(|at| connection.armed.is_none_or(|armed| *at < armed)) {
            connection.armed = Some(at);
            self.timers.push(Reverse((at, id)));
        }
        if set.is_err() {
            self.end(id, poller, Fate::Reset);
        }
    }

    fn end(&mut self, id: u64, poller: &mut Poller, fate: Fate) {
        let Some(connection) = self.connections.remove(&id) else {
            return;
        };
        self.held -= connection.held();
        self.totals.up += connection.up.bytes;
        self.totals.down += connection.down.bytes;
        self.totals.lost += connection.up.lost + connection.down.lost;
        poller.forget(id * SIDES);
        poller.forget(id * SIDES + 1);
        if fate == Fate::Reset {
            connection.reset();
        }
    }
}

fn spare() -> Option<OwnedFd> {
    std::fs::File::open("/dev/null").ok().map(OwnedFd::from)
}

/// Nothing but reading: for listeners and the like.
///
/// # Errors
/// What the system says.
pub fn watch(poller: &mut Poller, token: u64, fd: &std::rc::Rc<OwnedFd>) -> rustix::io::Result<()> {
    poller.set(token, fd, Interest::READ)
}
