//! Terminals of targets: opened only when they really are the target's own.
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::termios::{Winsize, isatty, tcgetwinsize};
use serde::{Deserialize, Serialize};

use super::process;
use crate::contract::error::NativeError;
use crate::contract::scope::Target;

/// A terminal that cannot be mistaken: a path alone may be another's by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terminal {
    pub path: PathBuf,
    /// Number of the device (`st_rdev`).
    pub device: u64,
}

impl Terminal {
    /// Looks at it without waiting for anything, and without making it ours (`O_NOCTTY`). Reads and writes never wait.
    ///
    /// # Errors
    /// `NotFound` when it is gone or another one; what the kernel says otherwise.
    pub fn open(&self) -> io::Result<File> {
        let (file, device) = open(&self.path)?;
        if device == self.device {
            Ok(file)
        } else {
            Err(ErrorKind::NotFound.into())
        }
    }

    /// The same, for a fault that is told why not.
    ///
    /// # Errors
    /// `refused`.
    pub fn open_or_refuse(&self) -> Result<File, NativeError> {
        self.open().map_err(|error| {
            let message = format!(
                "the terminal {} cannot be opened: {error}",
                self.path.display()
            );
            NativeError::new("refused", message, "")
        })
    }

    /// The target's terminal, which one of its first three files is, or which controls it.
    ///
    /// # Errors
    /// `needs-terminal` when the scope names none, `foreign-terminal` when it is not the target's, `refused` when it
    /// cannot be opened.
    pub fn of(target: &Target) -> Result<Self, NativeError> {
        let name = &target.name;
        if target.tty.is_empty() {
            let message = format!("{name} has no terminal");
            let remedy = "choose an agent that runs in a pane";
            return Err(NativeError::new("needs-terminal", message, remedy));
        }
        let path = PathBuf::from(&*target.tty);
        let (_, device) = open(&path).map_err(|error| {
            let message = format!(
                "the terminal {} of {name} cannot be opened: {error}",
                path.display()
            );
            let remedy = "it belongs to another account: run the fleet and its helper as one";
            NativeError::new("refused", message, remedy)
        })?;
        if !uses(target, device) {
            let message = format!("{} is not the terminal of {name}", path.display());
            let remedy = "tell who it is now with chaos.retarget";
            return Err(NativeError::new("foreign-terminal", message, remedy));
        }
        Ok(Self { path, device })
    }
}

/// # Errors
/// What the kernel says.
pub fn size(file: &File) -> io::Result<Winsize> {
    Ok(tcgetwinsize(file)?)
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let flags = OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let mut how = OpenOptions::new();
    how.read(true).write(true);
    how.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    // Opening what is no device might do something: looked at before as well as after.
    if !path.starts_with("/dev") || !path.symlink_metadata()?.file_type().is_char_device() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let file = how.open(path)?;
    let about = file.metadata()?;
    if about.file_type().is_char_device() && isatty(&file) {
        Ok((file, about.rdev()))
    } else {
        Err(ErrorKind::InvalidInput.into())
    }
}

#[cfg(target_os = "linux")]
fn uses(target: &Target, device: u64) -> bool {
    let Some(found) = process::find(&target.process) else {
        return false;
    };
    let is = |number: u32| {
        std::fs::metadata(format!("/proc/{}/fd/{number}", found.pid))
            .is_ok_and(|about| about.file_type().is_char_device() && about.rdev() == device)
    };
    (0..3).any(is) && process::find(&target.process).is_some()
}

/// By ps(1), which says `ttys003`.
#[cfg(not(target_os = "linux"))]
fn uses(target: &Target, device: u64) -> bool {
    let pid = target.process.pid.get().to_string();
    let told = std::process::Command::new("/bin/ps")
        .args(["-o", "tty=", "-p", &pid])
        .output();
    let name = told.map_or_else(
        |_| String::new(),
        |told| String::from_utf8_lossy(&told.stdout).trim().to_owned(),
    );
    let is =
        std::fs::metadata(Path::new("/dev").join(&name)).is_ok_and(|about| about.rdev() == device);
    !name.is_empty() && is && process::find(&target.process).is_some()
}

/// A terminal of nobody's, for trying what can be done to one: the side that is held, and the one programs have.
///
/// # Errors
/// What the kernel says: there may be no more of them, or no `/dev/ptmx`.
pub fn of_nobody() -> io::Result<(rustix::fd::OwnedFd, File)> {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let held = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    grantpt(&held)?;
    unlockpt(&held)?;
    let name = ptsname(&held, Vec::new())?;
    let path = Path::new(std::str::from_utf8(name.to_bytes()).map_err(io::Error::other)?);
    let (file, _) = open(path)?;
    Ok((held, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_terminal_is_never_opened() {
        let folder = std::env::temp_dir();
        for path in [
            Path::new("/dev/null"),
            Path::new("/dev/../etc/passwd"),
            &folder,
        ] {
            assert!(open(path).is_err(), "{}", path.display());
        }
    }

    #[test]
    fn another_device_of_that_path_is_not_it() {
        let (held, _file) = of_nobody().unwrap();
        let name = rustix::pty::ptsname(&held, Vec::new()).unwrap();
        let path = PathBuf::from(name.to_str().unwrap());
        let device = path.metadata().unwrap().rdev();
        assert!(
            Terminal {
                path: path.clone(),
                device
            }
            .open()
            .is_ok()
        );
        assert!(
            Terminal {
                path,
                device: device + 1
            }
            .open()
            .is_err()
        );
    }
}
