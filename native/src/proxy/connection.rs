//! One connection: who connected to the proxy, the upstream, and a flow each way.
use super::flow::{End, Flow, Wants};
use super::poller::Interest;
use super::shape::Stage;
use super::upstream::{Dialled, Target, dial, tune};
use rustix::fd::OwnedFd;
use rustix::net::sockopt::{set_socket_linger, socket_error};
use std::rc::Rc;
use std::time::{Duration, Instant};
use std::vec::IntoIter;

/// A unix listener whose queue is full is tried again after so long.
const AGAIN: Duration = Duration::from_millis(5);
/// And given up after so long: a Linux client would wait as long as for a TCP handshake.
const PATIENCE: Duration = Duration::from_secs(30);

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Goes,
    /// Both sides ended in order.
    Closed,
    /// Both sides are to see a reset.
    Reset,
}

#[derive(Debug)]
enum Phase {
    /// Connecting to the upstream: what is left to try, and until when.
    Dialling(IntoIter<Target>, Instant),
    /// Its queue was full.
    Waiting(Target, IntoIter<Target>, Instant, Instant),
    Open,
}

/// Closes the connection at a moment, because of the toxic with this key.
#[derive(Debug, Clone, Copy)]
pub struct Fuse {
    pub key: u64,
    pub at: Instant,
    pub end: End,
}

/// See the module.
#[derive(Debug)]
pub struct Connection {
    pub client: Rc<OwnedFd>,
    pub server: Option<Rc<OwnedFd>>,
    pub up: Flow,
    pub down: Flow,
    phase: Phase,
    fuses: Vec<Fuse>,
    spoilt: bool,
    /// When it asked to be stepped next; kept by the loop.
    pub armed: Option<Instant>,
}

impl Connection {
    /// Begins to connect to the upstream for this client.
    pub fn new(client: OwnedFd, targets: Vec<Target>, now: Instant) -> Self {
        tune(&client);
        let mut new = Self {
            client: Rc::new(client),
            server: None,
            up: Flow::default(),
            down: Flow::default(),
            phase: Phase::Dialling(Vec::new().into_iter(), now),
            fuses: Vec::new(),
            spoilt: false,
            armed: None,
        };
        new.dial(targets.into_iter(), now + PATIENCE);
        new
    }

    fn dial(&mut self, mut targets: IntoIter<Target>, until: Instant) {
        self.server = None;
        while let Some(target) = targets.next() {
            match dial(&target) {
                Ok(Dialled::Connected(fd)) => {
                    self.server = Some(Rc::new(fd));
                    self.open();
                    return;
                }
                Ok(Dialled::Pending(fd)) => {
                    self.server = Some(Rc::new(fd));
                    self.phase = Phase::Dialling(targets, until);
                    return;
                }
                Ok(Dialled::Full) => {
                    let at = Instant::now() + AGAIN;
                    self.phase = Phase::Waiting(target, targets, at, until);
                    return;
                }
                Err(_) => {}
            }
        }
        self.phase = Phase::Dialling(Vec::new().into_iter(), until);
    }

    fn open(&mut self) {
        if let Some(server) = &self.server {
            tune(server);
        }
        self.phase = Phase::Open;
    }

    /// Moves everything that can be moved.
    pub fn step(&mut self, now: Instant, room: usize, scratch: &mut [u8]) -> Fate {
        if self.spoilt {
            return Fate::Reset;
        }
        if let Some(fuse) = self.fuses.iter().find(|fuse| fuse.at <= now) {
            return if fuse.end == End::Reset {
                Fate::Reset
            } else {
                Fate::Closed
            };
        }
        if !matches!(self.phase, Phase::Open) && !self.connect(now) {
            let given_up = self.server.is_none() && !matches!(self.phase, Phase::Waiting(..));
            return if given_up { Fate::Reset } else { Fate::Goes };
        }
        let Some(server) = &self.server else {
            return Fate::Reset;
        };
        self.up.pump(&self.client, server, now, room, scratch);
        self.down.pump(server, &self.client, now, room, scratch);
        if self.up.is_broken() {
            self.down.kill();
        }
        if self.down.is_broken() {
            self.up.kill();
        }
        self.fate()
    }

    fn fate(&self) -> Fate {
        let ends = [self.up.delivered(), self.down.delivered()];
        if ends.contains(&Some(End::Reset)) {
            return Fate::Reset;
        }
        if ends.contains(&Some(End::Close)) {
            return Fate::Closed;
        }
        match (
            self.up.is_over() && self.down.is_over(),
            self.up.is_dead() || self.down.is_dead(),
        ) {
            (false, _) => Fate::Goes,
            (true, false) => Fate::Closed,
            (true, true) => Fate::Reset,
        }
    }

    /// Whether the upstream is connected now; else the next of its addresses is being tried, while there is one.
    fn connect(&mut self, now: Instant) -> bool {
        let phase = std::mem::replace(&mut self.phase, Phase::Open);
        match phase {
            Phase::Open => {}
            Phase::Dialling(targets, until) => {
                let Some(server) = &self.server else {
                    self.phase = Phase::Dialling(targets, until);
                    return false;
                };
                match socket_error(server) {
                    Ok(Ok(())) if rustix::net::getpeername(server).is_ok() => self.open(),
                    // Not decided yet.
                    Ok(Ok(())) => self.phase = Phase::Dialling(targets, until),
                    _ => self.dial(targets, until),
                }
            }
            Phase::Waiting(target, targets, at, until) => {
                if now >= until {
                    self.dial(targets, until);
                } else if now >= at {
                    let again: Vec<_> = std::iter::once(target).chain(targets).collect();
                    self.dial(again.into_iter(), until);
                } else {
                    self.phase = Phase::Waiting(target, targets, at, until);
                }
            }
        }
        matches!(self.phase, Phase::Open)
    }

    /// What to wait for: of the client, of the upstream, and until when.
    pub fn interests(&self) -> (Interest, Interest, Option<Instant>) {
        let fuse = self.fuses.iter().map(|fuse| fuse.at).min();
        let none = Interest::default();
        match &self.phase {
            Phase::Dialling(..) => (none, Interest::WRITE, fuse),
            Phase::Waiting(_, _, at, _) => (none, none, earliest(fuse, Some(*at))),
            Phase::Open => {
                let of = |from: Wants, to: Wants| Interest {
                    read: from.read,
                    write: to.write,
                };
                let (up, down) = (self.up.wants, self.down.wants);
                let wake = earliest(fuse, earliest(up.wake, down.wake));
                (of(up, down), of(down, up), wake)
            }
        }
    }

    /// A toxic begins.
    pub fn add(&mut self, up: Option<Stage>, down: Option<Stage>, fuse: Option<Fuse>) {
        if let Some(stage) = up {
            self.up.add(stage);
        }
        if let Some(stage) = down {
            self.down.add(stage);
        }
        self.fuses.extend(fuse);
    }

    /// A toxic ends. A connection whose streams lost bytes by it is reset at its next step.
    pub fn remove(&mut self, key: u64, now: Instant) {
        let up = self.up.remove(key, now);
        let down = self.down.remove(key, now);
        self.spoilt |= !up || !down;
        self.fuses.retain(|fuse| fuse.key != key);
    }

    /// Toxics are at work on it.
    pub fn is_shaped(&self) -> bool {
        self.up.is_shaped() || self.down.is_shaped() || !self.fuses.is_empty()
    }

    /// Bytes it holds back.
    pub fn held(&self) -> usize {
        self.up.held() + self.down.held()
    }

    /// Makes both sides see a reset when the sockets are closed. A unix socket has none: its peer sees an end, or
    /// ECONNRESET when bytes of its own were not read.
    pub fn reset(&self) {
        let _ = set_socket_linger(&self.client, Some(Duration::ZERO));
        if let Some(server) = &self.server {
            let _ = set_socket_linger(server, Some(Duration::ZERO));
        }
    }
}

/// The earlier of two moments, where there are any.
pub fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
