//! A hold on one process: what is sent through it can never reach another that got its pid.
use rustix::io::Errno;
use rustix::process::Signal;

use super::process;
use crate::contract::error::NativeError;
use crate::contract::process::ProcessMark;

/// On Linux a pidfd, opened before the birth is compared: from then on the kernel keeps it to this process. Elsewhere
/// the birth is compared before each signal, which leaves a gap of microseconds.
pub struct Handle {
    mark: ProcessMark,
    #[cfg(target_os = "linux")]
    fd: rustix::fd::OwnedFd,
}

impl Handle {
    /// # Errors
    /// `gone` when there is no such process, `refused` when the kernel does not give it to us.
    pub fn open(mark: &ProcessMark) -> Result<Self, NativeError> {
        let gone = || {
            let message = format!(
                "there is no process {} that was born at {}",
                mark.pid.get(),
                mark.born
            );
            NativeError::new(
                "gone",
                message,
                "it ended or was started anew: open the scope again",
            )
        };
        let pid = process::raw(mark).ok_or_else(gone)?;
        #[cfg(target_os = "linux")]
        let handle = match rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) {
            Ok(fd) => Self {
                mark: mark.clone(),
                fd,
            },
            Err(Errno::SRCH) => return Err(gone()),
            Err(error) => return Err(refused(mark, error)),
        };
        #[cfg(not(target_os = "linux"))]
        let handle = {
            let _ = pid;
            Self { mark: mark.clone() }
        };
        process::find(mark).map(|_| handle).ok_or_else(gone)
    }

    pub fn mark(&self) -> &ProcessMark {
        &self.mark
    }

    /// # Errors
    /// `refused` when it is not ours to signal. One that has ended takes any signal.
    pub fn signal(&self, signal: Signal) -> Result<(), NativeError> {
        match self.send(signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(refused(&self.mark, error)),
        }
    }

    #[cfg(target_os = "linux")]
    fn send(&self, signal: Signal) -> Result<(), Errno> {
        rustix::process::pidfd_send_signal(&self.fd, signal)
    }

    #[cfg(not(target_os = "linux"))]
    fn send(&self, signal: Signal) -> Result<(), Errno> {
        let pid = process::raw(&self.mark).ok_or(Errno::SRCH)?;
        process::find(&self.mark).ok_or(Errno::SRCH)?;
        rustix::process::kill_process(pid, signal)
    }

    /// Whether it has ended; a zombie has.
    pub fn ended(&self) -> bool {
        process::find(&self.mark).is_none()
    }
}

fn refused(mark: &ProcessMark, error: Errno) -> NativeError {
    let message = format!(
        "the kernel does not let us at process {}: {error}",
        mark.pid.get()
    );
    NativeError::new(
        "refused",
        message,
        "it belongs to another account: run the fleet and its helper as one",
    )
}
