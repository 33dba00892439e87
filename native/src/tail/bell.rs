//! Rings when something happens in a folder of interest (inotify(7)), or when we ring it ourselves.
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub struct Bell {
    /// None where there is no inotify, or no more of it.
    folders: Option<OwnedFd>,
    button: UnixStream,
    gong: UnixStream,
}

impl Bell {
    pub fn hang() -> io::Result<Self> {
        let (button, gong) = UnixStream::pair()?;
        button.set_nonblocking(true)?;
        gong.set_nonblocking(true)?;
        Ok(Bell {
            folders: folders(),
            button,
            gong,
        })
    }

    /// Whether it rings by itself.
    pub fn rings(&self) -> bool {
        self.folders.is_some()
    }

    /// From now on also for the folder of this file, and of the one it links to.
    pub fn listen(&self, path: &Path) {
        let real = path.canonicalize().ok();
        for file in [Some(path), real.as_deref()].into_iter().flatten() {
            let folder = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            self.listen_to(folder.unwrap_or(Path::new(".")));
        }
    }

    #[cfg(target_os = "linux")]
    fn listen_to(&self, folder: &Path) {
        use rustix::fs::inotify::{WatchFlags, add_watch};
        let what =
            WatchFlags::MODIFY | WatchFlags::CREATE | WatchFlags::MOVED_TO | WatchFlags::DELETE;
        if let Some(folders) = &self.folders {
            // What cannot be listened to is looked at, every second.
            let _ = add_watch(folders, folder, what);
        }
    }

    #[cfg(not(target_os = "linux"))]
    #[allow(clippy::unused_self)]
    fn listen_to(&self, _folder: &Path) {}

    pub fn ring(&self) {
        // Full is rung as well.
        let _ = (&self.button).write(&[1]);
    }

    /// Until it rings, at most so long.
    pub fn wait(&self, within: Duration) {
        let within = Timespec::try_from(within).ok();
        let mut fds = vec![PollFd::new(&self.gong, PollFlags::IN)];
        fds.extend(
            self.folders
                .as_ref()
                .map(|folders| PollFd::new(folders, PollFlags::IN)),
        );
        let _ = poll(&mut fds, within.as_ref());
    }

    /// Forgets that it rang: what happens from now on rings again.
    pub fn calm(&self) {
        let mut heard = [0; 4096];
        while (&self.gong).read(&mut heard).is_ok_and(|read| read > 0) {}
        if let Some(folders) = &self.folders {
            while rustix::io::read(folders, &mut heard).is_ok_and(|read| read > 0) {}
        }
    }
}

#[cfg(target_os = "linux")]
fn folders() -> Option<OwnedFd> {
    use rustix::fs::inotify::{CreateFlags, init};
    init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).ok()
}

#[cfg(not(target_os = "linux"))]
fn folders() -> Option<OwnedFd> {
    None
}
