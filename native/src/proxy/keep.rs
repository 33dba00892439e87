//! The proxies of one caller of `serve`: opened, brought back when one of them dies, closed. They outlive us.
use super::client::ProxyClient;
use super::launch::ensure;
use crate::contract::error::NativeError;
use crate::contract::proxy::{ProxyOpen, ProxyOpened};
use crate::contract::request::{ByName, Nothing};
use crate::serve::Outbox;
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// A proxy that dies is brought back so often within [`WINDOW`]; then its port refuses, as a dead service's does.
const BROUGHT_BACK: u32 = 5;
const WINDOW: Duration = Duration::from_secs(60);
/// Before the first time; doubled with each.
const PAUSE: Duration = Duration::from_millis(20);

/// See the module.
#[derive(Clone)]
pub struct Proxies {
    outbox: Outbox,
    kept: Arc<Mutex<BTreeMap<String, Kept>>>,
}

struct Kept {
    control: PathBuf,
    /// Let go: its end is no reason to bring it back.
    released: Arc<AtomicBool>,
}

impl Proxies {
    /// None yet.
    pub fn new(outbox: Outbox) -> Self {
        Self {
            outbox,
            kept: Arc::default(),
        }
    }

    /// Answers when it listens, from a thread of its own: names are looked up.
    pub fn open(&self, request: u64, asked: ProxyOpen) {
        let this = self.clone();
        thread::spawn(move || {
            let outcome = this.begin(asked);
            this.outbox.answer(request, outcome);
        });
    }

    /// Answers when it listens no more.
    pub fn close(&self, request: u64, asked: ByName) {
        let this = self.clone();
        thread::spawn(move || {
            let outcome = this.end(&asked.name);
            this.outbox.answer(request, outcome);
        });
    }

    fn begin(&self, mut asked: ProxyOpen) -> Result<ProxyOpened, NativeError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (opened, child) = ensure(&asked)?;
        // Brought back, it is where it was.
        asked.listen = opened.listen.clone();
        let released = Arc::new(AtomicBool::new(false));
        let new = Kept {
            control: PathBuf::from(&*opened.control),
            released: Arc::clone(&released),
        };
        let control = new.control.clone();
        if let Some(before) = kept.insert(asked.name.to_string(), new) {
            before.released.store(true, Ordering::Relaxed);
        }
        let held = UnixStream::connect(&control);
        thread::spawn(move || watch(&asked, &control, held.ok(), child, &released));
        Ok(opened)
    }

    fn end(&self, name: &str) -> Result<Nothing, NativeError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(one) = kept.remove(name) else {
            let message = format!("no proxy {name:?} was opened on this pipe");
            return Err(NativeError::new(
                "unknown-proxy",
                message,
                "open it first: proxy.open takes over one that is there",
            ));
        };
        one.released.store(true, Ordering::Relaxed);
        match ProxyClient::connect(&one.control).and_then(|mut client| client.close()) {
            Err(error) if &*error.code != "proxy-gone" => Err(error),
            _ => Ok(Nothing {}),
        }
    }
}

/// Holds a proxy, and brings it back when it dies without having been let go.
fn watch(
    asked: &ProxyOpen,
    control: &std::path::Path,
    mut held: Option<UnixStream>,
    mut child: Option<Child>,
    released: &AtomicBool,
) {
    let mut deaths = 0;
    let mut since = Instant::now();
    loop {
        if let Some(mut held) = held.take() {
            // Nothing is ever said on it: it ends with the proxy.
            let _ = held.read(&mut [0]);
        }
        if let Some(mut child) = child.take() {
            let _ = child.wait();
        }
        if released.load(Ordering::Relaxed) {
            return;
        }
        if since.elapsed() > WINDOW {
            (deaths, since) = (0, Instant::now());
        }
        if deaths == BROUGHT_BACK {
            return;
        }
        thread::sleep(PAUSE * 2_u32.pow(deaths));
        deaths += 1;
        if let Ok((_, started)) = ensure(asked) {
            child = started;
            held = UnixStream::connect(control).ok();
        }
    }
}
