//! The proxy's loop: listener, connections, control socket, and how long all of it lives. One thread.
use super::address::Address;
use super::connection::{Connection, earliest};
use super::control::Control;
use super::dosing::Dosing;
use super::listen::Listener;
use super::owner::{LOOK_EVERY, Owner};
use super::poller::{Poller, Ready};
use super::toxic::Dose;
use super::traffic::{OTHERS, Traffic, watch};
use super::upstream::Upstream;
use super::words::{Added, Answer, PROTOCOL, Request, Status, What};
use super::{spare_descriptors, system};
use crate::contract::error::NativeError;
use crate::contract::process::ProcessMark;
use crate::contract::request::Nothing;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const LISTENER: u64 = OTHERS;
const DOOR: u64 = OTHERS + 1;
const OWNER: u64 = OTHERS + 2;
const CONTROLS: u64 = OTHERS + 16;
/// Control connections at once.
const MOST_CONTROLS: usize = 8;
/// Who holds the toxics of the command line.
const OURSELVES: u64 = 0;
/// A proxy that was started to be controlled waits so long for the first who does.
const FIRST: Duration = Duration::from_secs(10);

/// What a proxy is started with.
#[derive(Debug)]
pub struct Options {
    pub name: String,
    pub listen: Address,
    pub upstream: Address,
    /// Connections at once.
    pub most: usize,
    /// At work from the beginning.
    pub doses: Vec<Dose>,
    /// After so long those end, and it stops listening; then it passes on what is open until that has ended.
    pub lasting: Option<Duration>,
    /// At that end what is open is cut off too.
    pub cut: bool,
    /// Its control socket.
    pub control: Option<PathBuf>,
    /// Whose it is. With a control socket and no owner it ends when nobody controls it and nothing is open.
    pub owner: Option<ProcessMark>,
}

/// See the module.
pub struct Forwarder {
    options: Options,
    poller: Poller,
    listener: Option<Listener>,
    listening_at: Address,
    traffic: Traffic,
    dosing: Dosing,
    door: Option<Listener>,
    controls: BTreeMap<u64, Control>,
    next_control: u64,
    owner: Option<Owner>,
    begun: Instant,
    lasts_until: Option<Instant>,
    met: bool,
}

impl Forwarder {
    /// Listens, on both sockets; nothing moves before [`Forwarder::run`].
    ///
    /// # Errors
    /// What [`Listener::open`] and [`Upstream::open`] say, `proxy-toxic`, and `proxy-system` when the system has no
    /// more to give.
    pub fn open(options: Options) -> Result<Self, NativeError> {
        let failed = |error: rustix::io::Errno| {
            system(
                "proxy-system",
                "the proxy could not begin",
                &error.into(),
                "",
            )
        };
        let most = spare_descriptors(options.most);
        let listener = Listener::open(&options.listen)?;
        let door = match &options.control {
            Some(path) => Some(Listener::open(&Address::Unix(path.clone()))?),
            None => None,
        };
        let upstream = Upstream::open(options.upstream.clone())?;
        let mut poller = Poller::new().map_err(failed)?;
        watch(&mut poller, LISTENER, &listener.fd).map_err(failed)?;
        if let Some(door) = &door {
            watch(&mut poller, DOOR, &door.fd).map_err(failed)?;
        }
        let owner = options.owner.as_ref().and_then(Owner::watch);
        if let Some(end) = owner.as_ref().and_then(|owner| owner.end.as_ref()) {
            watch(&mut poller, OWNER, end).map_err(failed)?;
        }
        let now = Instant::now();
        let mut dosing = Dosing::default();
        for dose in &options.doses {
            dosing.add(OURSELVES, dose.clone(), now, std::iter::empty())?;
        }
        Ok(Self {
            listening_at: listener.address.clone(),
            listener: Some(listener),
            traffic: Traffic::new(upstream, most),
            dosing,
            door,
            controls: BTreeMap::new(),
            next_control: CONTROLS,
            owner,
            begun: now,
            lasts_until: options.lasting.map(|lasting| now + lasting),
            met: false,
            poller,
            options,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.listening_at
    }

    /// Passes bytes until there is no reason to.
    ///
    /// # Errors
    /// `proxy-system` when the system can no longer be waited on.
    pub fn run(mut self) -> Result<(), NativeError> {
        let mut ready = Vec::new();
        loop {
            let mut now = Instant::now();
            self.keep_time(now);
            if self.is_done(now) {
                return Ok(());
            }
            let deadline = self.deadline(now);
            self.poller.wait(deadline, &mut ready).map_err(|error| {
                system("proxy-system", "the proxy cannot go on", &error.into(), "")
            })?;
            now = Instant::now();
            for one in &ready {
                self.handle(*one, now);
            }
            self.traffic.tick(&mut self.poller, now);
        }
    }

    fn handle(&mut self, ready: Ready, now: Instant) {
        match ready.token {
            LISTENER => {
                if let Some(listener) = &self.listener {
                    let dosing = &mut self.dosing;
                    let begin = |connection: &mut Connection| dosing.begin(connection, now);
                    self.traffic.accept(listener, &mut self.poller, now, begin);
                }
            }
            DOOR => self.let_in(),
            OWNER => self.look_for_owner(),
            token if token >= CONTROLS => self.listen_to(token, now),
            token => self.traffic.ready(token, &mut self.poller, now),
        }
    }

    /// What is to happen at a moment, beside the connections' own.
    fn keep_time(&mut self, now: Instant) {
        if self.lasts_until.is_some_and(|until| until <= now) {
            self.lasts_until = None;
            // Nobody who hears that the toxics are over is let in after that.
            self.close();
            self.release(OURSELVES, None, now);
            if self.options.cut {
                self.traffic.cut(&mut self.poller);
            }
        }
        if self.owner.as_ref().is_some_and(|owner| owner.end.is_none()) {
            self.look_for_owner();
        }
    }

    fn deadline(&self, now: Instant) -> Option<Instant> {
        let polled = self.owner.as_ref().filter(|owner| owner.end.is_none());
        let look = polled.map(|_| now + LOOK_EVERY);
        let first = (self.options.control.is_some() && !self.met).then(|| self.begun + FIRST);
        let first = first.filter(|at| *at > now);
        earliest(
            earliest(self.lasts_until, look),
            earliest(first, self.traffic.deadline()),
        )
    }

    /// Nothing is open, and nobody is there for whom it should go on listening.
    fn is_done(&self, now: Instant) -> bool {
        if !self.traffic.connections.is_empty() {
            return false;
        }
        if self.listener.is_none() {
            return true;
        }
        let expected = !self.met && now < self.begun + FIRST;
        self.options.control.is_some()
            && self.controls.is_empty()
            && self.owner.is_none()
            && !expected
    }

    fn look_for_owner(&mut self) {
        if self.owner.as_ref().is_some_and(|owner| !owner.lives()) {
            self.poller.forget(OWNER);
            self.owner = None;
        }
    }

    /// Listens no more, on either socket; who is connected stays.
    fn close(&mut self) {
        self.poller.forget(LISTENER);
        self.poller.forget(DOOR);
        self.listener = None;
        self.door = None;
    }

    fn release(&mut self, holder: u64, names: Option<&[String]>, now: Instant) {
        let open = self.traffic.connections.values_mut();
        if self.dosing.remove(holder, names, now, open) > 0 {
            self.traffic.step_all(&mut self.poller, now);
        }
    }

    fn let_in(&mut self) {
        let Some(door) = &self.door else { return };
        let Ok(Some(fd)) = door.accept() else { return };
        if self.controls.len() >= MOST_CONTROLS {
            return;
        }
        let Some(control) = Control::new(fd) else {
            return;
        };
        let token = self.next_control;
        if watch(&mut self.poller, token, &control.fd).is_ok() {
            self.met = true;
            self.next_control += 1;
            self.controls.insert(token, control);
        }
    }

    fn listen_to(&mut self, token: u64, now: Instant) {
        let Some(control) = self.controls.get_mut(&token) else {
            return;
        };
        let heard = control.hear();
        let mut gone = heard.gone;
        for request in heard.requests {
            let answer = match request {
                Ok(request) => self.answer(token, request, now),
                Err(answer) => *answer,
            };
            let control = self.controls.get(&token);
            gone |= !control.is_some_and(|control| control.say(&answer));
        }
        if gone {
            self.poller.forget(token);
            self.controls.remove(&token);
            self.release(token, None, now);
        }
    }

    fn answer(&mut self, holder: u64, request: Request, now: Instant) -> Answer {
        let id = request.id;
        match request.what {
            What::Status {} => Answer::done(id, &self.status()),
            What::Add(dose) => {
                self.release(holder, Some(std::slice::from_ref(&dose.name)), now);
                let open = self.traffic.connections.values_mut();
                match self.dosing.add(holder, dose, now, open) {
                    Ok(connections) => {
                        self.traffic.step_all(&mut self.poller, now);
                        Answer::done(id, &Added { connections })
                    }
                    Err(error) => Answer::failed(id, error),
                }
            }
            What::Remove { names } => {
                let names = Some(names.as_slice()).filter(|names| !names.is_empty());
                self.release(holder, names, now);
                Answer::done(id, &Nothing {})
            }
            What::Close {} => {
                self.close();
                Answer::done(id, &Nothing {})
            }
        }
    }

    fn status(&self) -> Status {
        let traffic = &self.traffic;
        let sum = |of: fn(&Connection) -> u64| traffic.connections.values().map(of).sum::<u64>();
        let shaped = traffic.connections.values().filter(|c| c.is_shaped());
        Status {
            protocol: PROTOCOL,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: self.options.name.clone(),
            pid: std::process::id(),
            listen: self.listening_at.clone(),
            upstream: self.options.upstream.clone(),
            listening: self.listener.is_some(),
            connections: traffic.connections.len(),
            accepted: traffic.totals.accepted,
            refused: traffic.totals.refused,
            bytes_up: traffic.totals.up + sum(|c| c.up.bytes),
            bytes_down: traffic.totals.down + sum(|c| c.down.bytes),
            bytes_lost: traffic.totals.lost + sum(|c| c.up.lost + c.down.lost),
            toxics: self.dosing.working(),
            shaped: shaped.count(),
            held_bytes: traffic.held(),
        }
    }
}
