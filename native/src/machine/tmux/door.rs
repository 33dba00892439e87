//! One at a time through the door of a tmux server: before 3.7 it dies when another client detaches while a control
//! client is just connecting. The link is the one hms-tui's own processes make (`src/tmux/door.ts`).
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::machine::process::{self, Stat};

/// How long to wait for one's turn. Then it is done all the same: this lowers a risk, it guards nothing.
const WAIT: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(5);

pub fn path(socket: &str) -> PathBuf {
    PathBuf::from(format!("{socket}.door"))
}

/// Names this process for good, in letters that are safe on a command line and in a file.
pub fn owner_mark() -> String {
    process::stat(std::process::id())
        .as_ref()
        .map_or_else(String::new, mark_of)
}

fn mark_of(process: &Stat) -> String {
    let born: String = process
        .born
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    format!("hms-owner-{}-{born}", process.pid)
}

/// Does this while no other process of ours is in the door.
pub fn in_turn<T>(socket: &str, work: impl FnOnce() -> T) -> T {
    let door = path(socket);
    let mark = owner_mark();
    let until = Instant::now() + WAIT;
    while Instant::now() < until {
        match symlink(&mark, &door) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            // No folder, no rights: tmux itself will say so better.
            Ok(()) | Err(_) => break,
        }
        if left_behind(&door) {
            let _ = fs::remove_file(&door);
        } else {
            sleep(LOOK);
        }
    }
    let done = work();
    leave(&door, &mark);
    done
}

/// Opens it for others, when it is this one who stands in it.
pub fn leave(door: &Path, mark: &str) {
    if stands_in(door, mark) {
        let _ = fs::remove_file(door);
    }
}

pub fn stands_in(door: &Path, mark: &str) -> bool {
    !mark.is_empty() && fs::read_link(door).is_ok_and(|link| link == Path::new(mark))
}

/// Whoever made it was killed in the door.
fn left_behind(door: &Path) -> bool {
    let Ok(link) = fs::read_link(door) else {
        return false;
    };
    let mark = link.to_string_lossy();
    let pid = mark
        .strip_prefix("hms-owner-")
        .and_then(|rest| rest.split('-').next()?.parse().ok());
    pid.is_some_and(|pid| process::stat(pid).is_none_or(|found| mark_of(&found) != mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_died_in_the_door_does_not_block_it() {
        let socket = std::env::temp_dir().join(format!("hms-door-{}", std::process::id()));
        let socket = socket.to_str().unwrap();
        let door = path(socket);
        symlink("hms-owner-999999-1", &door).unwrap();
        let inside = in_turn(socket, || fs::read_link(&door).unwrap());
        assert_eq!(inside, Path::new(&owner_mark()));
        assert!(!door.is_symlink());
    }
}
