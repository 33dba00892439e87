//! `disk_fill`: a file without a name in the target's file system, never past the floor. The kernel frees it with the
//! actor. Where files without a name cannot be had, its name is in the journal before it is made.
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::{Ground, Injector, can, given, mistaken};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::chaos::undo::{FILE_PREFIX, Undo};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::room;

pub struct DiskFill;

/// Taken in pieces of so many bytes, with a look at the floor before each.
const PIECE: u64 = 16 << 20;
const LOOK: Duration = Duration::from_millis(50);

#[derive(Debug, Serialize, Deserialize)]
struct Given {
    folder: PathBuf,
    bytes: u64,
}

impl Injector for DiskFill {
    fn kind(&self) -> &'static str {
        "disk_fill"
    }

    fn capability(&self) -> Capability {
        let mechanism = if nameless(&std::env::temp_dir()).is_ok() {
            "O_TMPFILE"
        } else {
            "unlinked file"
        };
        can("disk_fill", mechanism, Reverter::Kernel)
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::DiskFill { path, bytes } = fault else {
            return Err(mistaken());
        };
        let folder = inside(path, ground)?;
        let unreadable = || {
            NativeError::new(
                "refused",
                format!("{} cannot be read", folder.display()),
                "",
            )
        };
        let room = File::open(&folder)
            .ok()
            .and_then(room::disk)
            .ok_or_else(unreadable)?;
        let limits = &ground.scope.limits;
        let may = room.above(limits.disk_floor, limits.disk_floor_percent);
        let taken = bytes.get().min(may);
        if taken == 0 {
            let message = format!(
                "{} bytes are free there, which is at the floor already",
                room.free
            );
            return Err(NativeError::new(
                "no-room",
                message,
                "free some, or lower disk_floor",
            ));
        }
        let cut = if taken < bytes.get() {
            ", which is what the floor allows,"
        } else {
            ""
        };
        let floor = room::floor(room.total, limits.disk_floor, limits.disk_floor_percent);
        let shrinks = format!("made shorter when less than {floor} bytes are free");
        let whole = format!(
            "fallocate({taken} bytes{cut}) in the file system of {}",
            folder.display()
        );
        let design = match nameless(&folder) {
            Ok(_) => Design::by("O_TMPFILE").effect("a file without a name (O_TMPFILE)"),
            Err(_) => Design::by("unlinked file")
                .effect(format!("a file {FILE_PREFIX}ID, unlinked at once")),
        };
        Ok(design
            .effect(whole)
            .effect(shrinks)
            .reverted(By::Kernel, "the file is gone when who holds it is dead")
            .giving(&Given {
                folder,
                bytes: taken,
            }))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Given { folder, bytes } = given(order)?;
        let broken = |error: &dyn std::fmt::Display| {
            NativeError::new(
                "refused",
                format!("cannot fill {}: {error}", folder.display()),
                "look at its rights",
            )
        };
        let mut file = match nameless(&folder) {
            Ok(file) => file,
            Err(_) => unlinked(&folder, order, stage)?,
        };
        let limits = &order.limits;
        let may = |file: &File| {
            room::disk(file).map_or(0, |room| {
                room.above(limits.disk_floor, limits.disk_floor_percent)
            })
        };
        let mut taken = 0;
        while taken < bytes {
            let piece = PIECE.min(bytes - taken).min(may(&file));
            if piece == 0 {
                break;
            }
            match take(&mut file, taken, piece) {
                Ok(()) => taken += piece,
                Err(error) if error.kind() == std::io::ErrorKind::StorageFull => break,
                Err(error) => return Err(broken(&error)),
            }
        }
        let detail = |taken: u64| Detail::from([("bytes".to_owned(), Measure::from(taken))]);
        stage.applied(detail(taken));
        while stage.left_ms() > 0 {
            sleep(LOOK);
            let before = taken;
            // Others took what was free: theirs goes first.
            while taken > 0 && may(&file) == 0 {
                taken = taken.saturating_sub(PIECE);
                file.set_len(taken).map_err(|error| broken(&error))?;
            }
            if taken < before {
                stage.note(detail(taken));
            }
        }
        stage.hold();
        Ok(())
    }
}

/// The folder as the kernel has it, when it is below one of the scope's; links lead nowhere else.
pub(super) fn inside(path: &str, ground: &Ground<'_>) -> Result<PathBuf, NativeError> {
    let real = Path::new(path).canonicalize().map_err(|error| {
        NativeError::new(
            "unknown-path",
            format!("there is no folder {path}: {error}"),
            "name one that is there",
        )
    })?;
    let folder = if real.is_dir() {
        real
    } else {
        real.parent().unwrap_or(&real).to_owned()
    };
    let allowed = |root: &str| {
        Path::new(root)
            .canonicalize()
            .is_ok_and(|root| folder.starts_with(root))
    };
    if ground.scope.paths.iter().any(|root| allowed(root)) {
        return Ok(folder);
    }
    let message = format!("{} is in none of the scope's paths", folder.display());
    Err(NativeError::new(
        "outside-paths",
        message,
        "name a folder of the fleet's agents, or add it to the paths",
    ))
}

/// `NOFOLLOW`: the folder was looked at as it really is, and must still be that.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> std::io::Result<File> {
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    Ok(rustix::fs::open(folder, flags, mode).map(File::from)?)
}

#[cfg(not(target_os = "linux"))]
fn nameless(_folder: &Path) -> std::io::Result<File> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn unlinked(folder: &Path, order: &Order, stage: &mut Stage) -> Result<File, NativeError> {
    let path = folder.join(format!("{FILE_PREFIX}{}", &*order.id));
    stage.journal(Undo::Unlink { path: path.clone() })?;
    let mut open = OpenOptions::new();
    open.read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default());
    let opened = open
        .open(&path)
        .and_then(|file| std::fs::remove_file(&path).map(|()| file));
    opened.map_err(|error| {
        NativeError::new(
            "refused",
            format!("cannot make {}: {error}", path.display()),
            "",
        )
    })
}

/// By fallocate(2); where a file system has no such thing, by writing.
fn take(file: &mut File, from: u64, length: u64) -> std::io::Result<()> {
    use rustix::io::Errno;
    match rustix::fs::fallocate(&*file, rustix::fs::FallocateFlags::empty(), from, length) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            let zeroes = [0x5a; 16 * 1024];
            let mut left = length;
            while left > 0 {
                let part = zeroes
                    .len()
                    .min(usize::try_from(left).unwrap_or(usize::MAX));
                file.write_all(&zeroes[..part])?;
                left -= part as u64;
            }
            Ok(())
        }
        done => Ok(done?),
    }
}
