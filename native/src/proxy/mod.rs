//! `hms-native proxy`: passes bytes between TCP ports and unix sockets of this machine, and does harm to them on request.
//!
//! One proxy is one process: this one holds the sockets and passes bytes, whatever becomes of everyone else. Toxics are
//! a lease: they belong to a connection on the proxy's control socket, and are gone when it closes, for whatever reason
//! (the kernel closes it when its holder dies). So nothing has to be undone, and nobody has to live to undo it. See
//! docs/native.md.
pub mod address;
pub mod client;
mod connection;
mod control;
mod dosing;
mod flow;
pub mod forwarder;
pub mod keep;
mod launch;
mod listen;
mod owner;
#[cfg(target_os = "linux")]
mod pipe;
mod poller;
mod random;
mod shape;
pub mod toxic;
mod traffic;
mod upstream;
pub mod verb;
pub mod words;

use crate::contract::bounded::{Long, Text};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::error::NativeError;
use std::io;

/// Whether a proxy could listen here; tried.
pub fn capability() -> Capability {
    let tried = std::net::TcpListener::bind("127.0.0.1:0");
    let because = tried.as_ref().err().map(ToString::to_string);
    Capability {
        name: "proxy".to_owned().try_into().unwrap_or_default(),
        available: tried.is_ok(),
        mechanism: Text::cut(match (&tried, cfg!(target_os = "linux")) {
            (Err(_), _) => "",
            (Ok(_), true) => "splice",
            (Ok(_), false) => "poll",
        }),
        privileged: false,
        revert: Reverter::Kernel,
        because: because.map_or_else(Long::default, |error| {
            Long::cut(&format!("nothing can listen on 127.0.0.1: {error}"))
        }),
        remedy: Long::cut(if tried.is_ok() {
            ""
        } else {
            "bring the loopback interface up"
        }),
    }
}

/// What the system said while something was tried.
fn system(code: &str, tried: &str, error: &io::Error, remedy: &str) -> NativeError {
    NativeError::new(code, format!("{tried}: {error}"), remedy)
}

/// Makes the limit of open files as large as a proxy of so many connections may need, as far as that goes; the number
/// of connections it is enough for.
fn spare_descriptors(most: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// Two sockets, and two pipes while much goes both ways.
    const EACH: u64 = 6;
    const OURS: u64 = 64;
    let wanted = most as u64 * EACH + OURS;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return most;
    }
    let possible = limit.maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = Rlimit {
        current: Some(possible),
        maximum: limit.maximum,
    };
    let granted = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => possible,
        Err(_) => limit.current.unwrap_or(possible),
    };
    let enough = granted.saturating_sub(OURS) / EACH;
    usize::try_from(enough).unwrap_or(most).clamp(1, most)
}
