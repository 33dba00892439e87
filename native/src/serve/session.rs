//! One caller's conversation: which part of the helper answers which request.
use crate::capabilities;
use crate::chaos::controller::Chaos;
use crate::contract::PROTOCOL;
use crate::contract::error::NativeError;
use crate::contract::lines::RequestLine;
use crate::contract::request::{Nothing, Request, Welcome};
use crate::proxy::keep::Proxies;
use crate::top;

use super::Outbox;
use super::eyes::Eyes;

pub struct Session {
    chaos: Chaos,
    outbox: Outbox,
    proxies: Proxies,
    welcomed: bool,
    eyes: Eyes,
}

impl Session {
    pub fn new(outbox: Outbox) -> Self {
        let eyes = Eyes::new(outbox.clone());
        Self {
            chaos: Chaos::new(outbox.clone()),
            proxies: Proxies::new(outbox.clone()),
            outbox,
            welcomed: false,
            eyes,
        }
    }

    /// The caller said something: it has not hung.
    pub fn heard(&self) {
        self.chaos.heard();
    }

    pub fn handle(&mut self, RequestLine { id, request }: RequestLine) {
        self.heard();
        let outbox = &self.outbox;
        if let Request::Hello(hello) = &request {
            self.welcomed = hello.protocol == i64::try_from(PROTOCOL).unwrap_or_default();
            return outbox.answer(
                id,
                self.welcomed
                    .then(welcome)
                    .ok_or_else(|| other_protocol(hello.protocol)),
            );
        }
        if !self.welcomed {
            return outbox.refuse(
                id,
                NativeError::new(
                    "hello-first",
                    "nothing is answered before hello",
                    "say hello",
                ),
            );
        }
        match request {
            Request::Hello(_) => {}
            Request::Ping(_) => outbox.answer(id, Ok(Nothing {})),
            Request::WatchAdd(asked) => outbox.answer(id, self.eyes.watch(&asked)),
            Request::WatchRemove(asked) => outbox.answer(id, Ok(self.eyes.unwatch(&asked.names))),
            Request::TailAdd(asked) => outbox.answer(id, self.eyes.follow(&asked)),
            Request::TailRemove(asked) => outbox.answer(id, Ok(self.eyes.unfollow(&asked.name))),
            Request::TopSample(asked) => outbox.answer(id, Ok(top::sample(&asked.roots))),
            Request::ProxyOpen(asked) => self.proxies.open(id, asked),
            Request::ProxyClose(asked) => self.proxies.close(id, asked),
            Request::ChaosOpen(scope) => outbox.answer(id, self.chaos.open(scope)),
            Request::ChaosRetarget(retarget) => outbox.answer(id, self.chaos.retarget(&retarget)),
            Request::ChaosPlan(injection) => outbox.answer(id, self.chaos.plan(&injection)),
            Request::ChaosInject(injection) => self.chaos.inject(id, injection),
            Request::ChaosHalt(halt) => self.chaos.halt(id, halt),
            Request::ChaosStatus(_) => outbox.answer(id, Ok(self.chaos.status())),
        }
    }

    /// Takes everything back and waits until it is proven.
    pub fn end(&mut self, because: &str) {
        self.chaos.end(because);
    }
}

fn welcome() -> Welcome {
    Welcome {
        protocol: PROTOCOL,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        os: std::env::consts::OS.to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        capabilities: capabilities::probe(),
    }
}

fn other_protocol(theirs: i64) -> NativeError {
    let message = format!("the caller speaks protocol {theirs}, this helper {PROTOCOL}");
    NativeError::new(
        "protocol",
        message,
        "build hms-tui and its helper from one version: npm run setup",
    )
}
