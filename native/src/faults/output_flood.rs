//! `output_flood`: lines printed into the target's terminal, as if the target had printed them. Whoever prints is the
//! actor, so the kernel ends it; what was printed stays in the pane's history.
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Ground, Injector, can, cannot, given, mistaken, needs_target, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::room;
use crate::machine::terminal::{self, Terminal};

pub struct OutputFlood;

/// A line with its two characters at the end: any window is wide enough, so that one line is one line.
const LINE: usize = 64;
/// Between one burst and the next.
const BEAT: Duration = Duration::from_millis(5);
/// What the rate did not allow to be printed meanwhile is caught up, but no more than for so long.
const CAUGHT_UP: Duration = Duration::from_millis(100);
/// How often it is told what was printed, and looked at the room for recordings.
const LOOK: Duration = Duration::from_millis(500);

impl Injector for OutputFlood {
    fn kind(&self) -> &'static str {
        "output_flood"
    }

    fn capability(&self) -> Capability {
        match terminal::of_nobody().and_then(|(_held, mut file)| file.write_all(b".")) {
            Ok(()) => can("output_flood", "tty write", Reverter::Kernel),
            Err(error) => cannot(
                "output_flood",
                &format!("a terminal cannot be written to: {error}"),
                "mount devpts on /dev/pts",
            ),
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::OutputFlood { bytes_per_s } = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a flood of output")?;
        let mut terminals = Vec::new();
        let mut design = Design::by("tty write");
        for target in ground.targets {
            let terminal = Terminal::of(target)?;
            design = design.effect(format!(
                "lines of {LINE} bytes into {}, the terminal of {}, {} bytes a second",
                terminal.path.display(),
                who(std::slice::from_ref(target)),
                bytes_per_s.get(),
            ));
            terminals.push(terminal);
        }
        Ok(design
            .effect("it pauses while disk_floor is reached where the undo journal is: panes are recorded")
            .reverted(By::Kernel, "who prints is dead")
            .reverted(
                By::Nobody,
                "what was printed stays in the pane's history, and on its screen until the program draws anew",
            )
            .giving(&terminals))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::OutputFlood { bytes_per_s } = order.fault else {
            return Err(mistaken());
        };
        let mut floods = Vec::new();
        for terminal in given::<Vec<Terminal>>(order)? {
            floods.push(Flood::begin(&terminal, bytes_per_s.get())?);
        }
        let folder = File::open(&order.folder).ok();
        let limits = &order.limits;
        let room = || {
            let disk = folder.as_ref().and_then(room::disk);
            disk.is_none_or(|disk| disk.above(limits.disk_floor, limits.disk_floor_percent) > 0)
        };
        let begun = Instant::now();
        let mut pausing = !room();
        for flood in &mut floods {
            flood.print(begun, pausing);
        }
        stage.applied(detail(&floods, begun));
        let mut looked = Instant::now();
        while stage.left_ms() > 0 && floods.iter().any(|flood| !flood.over) {
            sleep(BEAT);
            for flood in &mut floods {
                flood.print(begun, pausing);
            }
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                pausing = !room();
                stage.note(detail(&floods, begun));
            }
        }
        stage.note(detail(&floods, begun));
        stage.hold();
        Ok(())
    }
}

struct Flood {
    file: File,
    bytes_per_s: u64,
    /// By the rate; what was not printed in time is forgotten.
    allowed: f64,
    at: Duration,
    printed: u64,
    line: u64,
    /// The terminal is gone.
    over: bool,
}

impl Flood {
    fn begin(terminal: &Terminal, bytes_per_s: u64) -> Result<Self, NativeError> {
        Ok(Self {
            file: terminal.open_or_refuse()?,
            bytes_per_s,
            allowed: 0.0,
            at: Duration::ZERO,
            printed: 0,
            line: 0,
            over: false,
        })
    }

    /// What is due since the last time, in whole lines as far as the terminal takes them.
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )]
    fn print(&mut self, begun: Instant, pausing: bool) {
        let now = begun.elapsed();
        let rate = self.bytes_per_s as f64;
        let most = (rate * CAUGHT_UP.as_secs_f64()).max(LINE as f64);
        let due = (now.saturating_sub(self.at)).as_secs_f64() * rate;
        // The first line is there at once.
        let first = if self.at.is_zero() { LINE as f64 } else { 0.0 };
        self.allowed = (self.allowed + due + first).min(most);
        self.at = now.max(Duration::from_nanos(1));
        let lines = (self.allowed / LINE as f64) as u64;
        if pausing || self.over || lines == 0 {
            return;
        }
        let mut text = Vec::with_capacity(LINE * usize::try_from(lines).unwrap_or_default());
        for number in self.line..self.line + lines {
            text.extend_from_slice(&line(number));
        }
        match self.write(&text) {
            Ok(written) => {
                self.printed += written as u64;
                self.line += written.div_ceil(LINE) as u64;
                self.allowed -= written as f64;
            }
            Err(()) => self.over = true,
        }
    }

    /// As much as it takes at once: a pane that is not read takes nothing.
    fn write(&mut self, text: &[u8]) -> Result<usize, ()> {
        let mut written = 0;
        while written < text.len() {
            match self.file.write(&text[written..]) {
                Ok(0) => break,
                Ok(length) => written += length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(()),
            }
        }
        // A line that was begun is ended with the next burst, or by this.
        if written % LINE != 0 {
            let _ = self.file.write(b"\r\n");
        }
        Ok(written)
    }
}

/// Whatever mode the terminal is in, CR LF ends a line.
fn line(number: u64) -> [u8; LINE] {
    let mut line = [b'~'; LINE];
    let text = format!("hms-chaos output_flood {number} ");
    line[..text.len()].copy_from_slice(text.as_bytes());
    line[LINE - 2..].copy_from_slice(b"\r\n");
    line
}

#[allow(clippy::cast_precision_loss)]
fn detail(floods: &[Flood], begun: Instant) -> Detail {
    let printed: u64 = floods.iter().map(|flood| flood.printed).sum();
    let rate = printed as f64 / begun.elapsed().as_secs_f64().max(1e-3);
    Detail::from([
        ("bytes".to_owned(), Measure::from(printed)),
        ("bytes_per_s".to_owned(), Measure::from(rate.round())),
        (
            "terminals_gone".to_owned(),
            Measure::from(floods.iter().filter(|flood| flood.over).count() as u64),
        ),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_whatever_its_number() {
        for number in [0, 7, u64::MAX] {
            let line = line(number);
            assert!(line.ends_with(b"~\r\n"));
            assert!(
                line[..LINE - 2]
                    .iter()
                    .all(|byte| (0x20..0x7f).contains(byte))
            );
        }
    }
}
