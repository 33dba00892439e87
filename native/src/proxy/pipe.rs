//! Passes bytes from socket to socket without copying them: splice(2) through a pipe.
use rustix::fd::OwnedFd;
use rustix::io::{self, Errno};
use rustix::pipe::{PipeFlags, SpliceFlags, fcntl_setpipe_size, pipe_with, splice};

/// Asked for; the kernel may grant less once an account holds 64 MiB of pipes.
const CAPACITY: usize = 512 * 1024;

/// Bytes on their way inside the kernel.
#[derive(Debug)]
pub struct Pipe {
    out: OwnedFd,
    into: OwnedFd,
    /// Bytes in it.
    pub held: usize,
}

/// How far a step came.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    Moved(usize),
    /// The socket has nothing, or takes nothing, now.
    Blocked,
    /// The source has ended.
    Ended,
}

impl Pipe {
    /// An empty one.
    ///
    /// # Errors
    /// What the system says, such as EMFILE.
    pub fn new() -> io::Result<Self> {
        let (out, into) = pipe_with(PipeFlags::CLOEXEC | PipeFlags::NONBLOCK)?;
        // Less will do.
        let _ = fcntl_setpipe_size(&into, CAPACITY);
        Ok(Self { out, into, held: 0 })
    }

    /// From the socket into the pipe.
    ///
    /// # Errors
    /// The socket's; EINVAL when it cannot be spliced.
    pub fn pull(&mut self, source: &OwnedFd) -> io::Result<Step> {
        let flags = SpliceFlags::NONBLOCK | SpliceFlags::MOVE;
        match splice(source, None, &self.into, None, CAPACITY, flags) {
            Ok(0) => Ok(Step::Ended),
            Ok(moved) => {
                self.held += moved;
                Ok(Step::Moved(moved))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(Step::Blocked),
            Err(error) => Err(error),
        }
    }

    /// From the pipe into the socket.
    ///
    /// # Errors
    /// The socket's.
    pub fn push(&mut self, sink: &OwnedFd) -> io::Result<Step> {
        let flags = SpliceFlags::NONBLOCK | SpliceFlags::MOVE;
        match splice(&self.out, None, sink, None, self.held, flags) {
            Ok(moved) => {
                self.held -= moved;
                Ok(Step::Moved(moved))
            }
            Err(Errno::AGAIN | Errno::INTR) => Ok(Step::Blocked),
            Err(error) => Err(error),
        }
    }
}
