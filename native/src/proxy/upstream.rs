//! Where bytes go on to: name look-ups that never hold up the loop, and connections that are begun, not waited for.
use super::address::Address;
use crate::contract::error::NativeError;
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, connect, socket};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// After so long a name is looked up again, beside the connections that still use what was found before.
const FRESH: Duration = Duration::from_secs(30);

/// One address that can be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A connection that was begun.
#[derive(Debug)]
pub enum Dialled {
    Connected(OwnedFd),
    /// Writable, or broken, once it is decided.
    Pending(OwnedFd),
    /// The listener's queue is full (unix only): to be tried again.
    Full,
}

/// The other side of a proxy.
#[derive(Debug)]
pub struct Upstream {
    pub address: Address,
    found: Arc<Mutex<Vec<SocketAddr>>>,
    /// Asks for another look-up; None when there is no name to look up.
    ask: Option<Sender<()>>,
    asked: Instant,
}

impl Upstream {
    /// Looks the name up once, waiting; connects to nothing.
    ///
    /// # Errors
    /// `proxy-upstream` when the name is unknown.
    pub fn open(address: Address) -> Result<Self, NativeError> {
        let found = match &address {
            Address::Tcp(host) => look_up(host)?,
            Address::Unix(_) => Vec::new(),
        };
        let literal = |host: &str| host.parse::<SocketAddr>().is_ok();
        let found = Arc::new(Mutex::new(found));
        let ask = match &address {
            Address::Tcp(host) if !literal(host) => Some(keep_looking(host.clone(), &found)),
            _ => None,
        };
        Ok(Self {
            address,
            found,
            ask,
            asked: Instant::now(),
        })
    }

    /// What to try, in order.
    pub fn targets(&mut self, now: Instant) -> Vec<Target> {
        if let Some(ask) = self.ask.as_ref().filter(|_| now >= self.asked + FRESH) {
            self.asked = now;
            let _ = ask.send(());
        }
        match &self.address {
            Address::Unix(path) => vec![Target::Unix(path.clone())],
            Address::Tcp(_) => {
                let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                found.iter().copied().map(Target::Tcp).collect()
            }
        }
    }
}

fn look_up(host: &str) -> Result<Vec<SocketAddr>, NativeError> {
    let unknown = |why: String| {
        NativeError::new(
            "proxy-upstream",
            format!("The upstream {host:?} is not known: {why}."),
            "Give HOST:PORT that this machine can look up, or unix:PATH.",
        )
    };
    let found: Vec<_> = host
        .to_socket_addrs()
        .map_err(|error| unknown(error.to_string()))?
        .collect();
    if found.is_empty() {
        return Err(unknown("no address".to_owned()));
    }
    Ok(found)
}

/// Looks again whenever it is asked to; what was found last stays when nothing is.
fn keep_looking(host: String, found: &Arc<Mutex<Vec<SocketAddr>>>) -> Sender<()> {
    let (ask, asked) = channel();
    let found = Arc::clone(found);
    thread::spawn(move || {
        while asked.recv().is_ok() {
            if let Ok(fresh) = look_up(&host) {
                *found.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
            }
        }
    });
    ask
}

/// Begins a connection; never waits.
///
/// # Errors
/// What the system says at once: refused, no route…
pub fn dial(target: &Target) -> Result<Dialled, Errno> {
    let open = |family| -> Result<OwnedFd, Errno> {
        let fd = socket(family, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(fd)
    };
    let (fd, begun) = match target {
        Target::Tcp(address) => {
            let family = if address.is_ipv4() {
                AddressFamily::INET
            } else {
                AddressFamily::INET6
            };
            let fd = open(family)?;
            let begun = connect(&fd, address);
            (fd, begun)
        }
        Target::Unix(path) => {
            let fd = open(AddressFamily::UNIX)?;
            let begun = connect(&fd, &SocketAddrUnix::new(path)?);
            (fd, begun)
        }
    };
    match begun {
        Ok(()) => Ok(Dialled::Connected(fd)),
        Err(Errno::INPROGRESS | Errno::INTR) => Ok(Dialled::Pending(fd)),
        Err(Errno::AGAIN) => Ok(Dialled::Full),
        Err(error) => Err(error),
    }
}

/// Small messages go at once, and a peer that vanished is noticed. On a unix socket neither means anything.
pub fn tune(fd: &OwnedFd) {
    let _ = rustix::net::sockopt::set_tcp_nodelay(fd, true);
    let _ = rustix::net::sockopt::set_socket_keepalive(fd, true);
}
