//! Connections on a proxy's control socket: lines in, lines out, never waiting for anyone.
use super::words::{Answer, MAX_LINE, Request, read as read_words};
use rustix::fd::OwnedFd;
use rustix::io::{Errno, read, write};
use std::rc::Rc;

/// One who is connected to the control socket.
#[derive(Debug)]
pub struct Control {
    pub fd: Rc<OwnedFd>,
    inbox: Vec<u8>,
}

/// What was heard of them.
#[derive(Debug, Default)]
pub struct Heard {
    /// In order; what was no request has its answer already.
    pub requests: Vec<Result<Request, Box<Answer>>>,
    /// They are gone, or broke the form beyond repair.
    pub gone: bool,
}

impl Control {
    /// A connection that was taken in. None: it is another account's.
    pub fn new(fd: OwnedFd) -> Option<Self> {
        ours(&fd).then(|| Self {
            fd: Rc::new(fd),
            inbox: Vec::new(),
        })
    }

    /// Reads what is there.
    pub fn hear(&mut self) -> Heard {
        let mut heard = Heard::default();
        let mut chunk = [0_u8; 8192];
        loop {
            match read(&*self.fd, &mut chunk) {
                Ok(0) => heard.gone = true,
                Ok(count) => {
                    self.inbox.extend_from_slice(&chunk[..count]);
                    self.cut(&mut heard);
                    heard.gone |= self.inbox.len() > MAX_LINE;
                    if count == chunk.len() && !heard.gone {
                        continue;
                    }
                }
                Err(Errno::INTR) => continue,
                Err(Errno::AGAIN) => {}
                Err(_) => heard.gone = true,
            }
            return heard;
        }
    }

    fn cut(&mut self, heard: &mut Heard) {
        let mut from = 0;
        while let Some(end) = self.inbox[from..].iter().position(|byte| *byte == b'\n') {
            let line = &self.inbox[from..from + end];
            if !line.iter().all(u8::is_ascii_whitespace) {
                heard.requests.push(read_words(line));
            }
            from += end + 1;
        }
        self.inbox.drain(..from);
    }

    /// Whether they took it. Who does not read has hung: their toxics go with them.
    pub fn say(&self, answer: &Answer) -> bool {
        let Ok(mut line) = serde_json::to_vec(answer) else {
            return false;
        };
        line.push(b'\n');
        write(&*self.fd, &line) == Ok(line.len())
    }
}

/// The file's mode says so already; on Linux the kernel is asked too.
#[cfg(target_os = "linux")]
fn ours(fd: &OwnedFd) -> bool {
    let us = rustix::process::geteuid();
    rustix::net::sockopt::socket_peercred(fd).is_ok_and(|peer| peer.uid == us || peer.uid.is_root())
}

#[cfg(not(target_os = "linux"))]
fn ours(_fd: &OwnedFd) -> bool {
    true
}
