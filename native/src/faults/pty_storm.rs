//! `pty_storm`: the target's terminal changes its size again and again (`TIOCSWINSZ`), so that the kernel tells its
//! programs (SIGWINCH) and they draw anew. No death of ours gives the size back: the journal does, and knows sizes of
//! ours by a mark in the two fields for pixels, so that a size somebody else has set meanwhile stays.
use std::fs::File;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::termios::{Winsize, tcsetwinsize};

use super::{Ground, Injector, can, cannot, mistaken, needs_target, who};
use crate::chaos::actor::Stage;
use crate::chaos::order::{Design, Order};
use crate::chaos::undo::{STORM_MARK, Undo, WindowSize};
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::terminal::{self, Terminal};

pub struct PtyStorm;

/// Changes that could not be made in time are caught up, but no more than for so long.
const CAUGHT_UP: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(500);

impl Injector for PtyStorm {
    fn kind(&self) -> &'static str {
        "pty_storm"
    }

    fn capability(&self) -> Capability {
        let tried = terminal::of_nobody().and_then(|(_held, file)| {
            let size = Winsize {
                ws_row: 7,
                ws_col: 9,
                ws_xpixel: 0,
                ws_ypixel: 0,
            };
            tcsetwinsize(&file, size)?;
            terminal::size(&file)
        });
        match tried {
            Ok(size) if (size.ws_col, size.ws_row) == (9, 7) => {
                can("pty_storm", "TIOCSWINSZ", Reverter::Guardian)
            }
            Ok(_) => cannot("pty_storm", "a terminal does not take another size", ""),
            Err(error) => cannot(
                "pty_storm",
                &format!("a terminal's size cannot be set: {error}"),
                "mount devpts on /dev/pts",
            ),
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::PtyStorm { per_s } = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a storm of sizes")?;
        let mut design = Design::by("TIOCSWINSZ");
        for target in ground.targets {
            let terminal = Terminal::of(target)?;
            let before = WindowSize::of(&terminal).ok_or_else(|| {
                let message = format!("the size of {} cannot be read", terminal.path.display());
                NativeError::new("refused", message, "")
            })?;
            if before.is_ours() {
                let message = format!("{} has a storm's size already", terminal.path.display());
                return Err(NativeError::new("busy-target", message, "wait"));
            }
            design = design
                .effect(format!(
                    "TIOCSWINSZ on {}, the terminal of {}, {} times a second: sizes up to {before}; the kernel sends SIGWINCH to who is in the foreground there",
                    terminal.path.display(),
                    who(std::slice::from_ref(target)),
                    per_s.get(),
                ))
                .reverted(By::Guardian, &format!("TIOCSWINSZ on {}: {before}", terminal.path.display()));
            design.undo.push(Undo::WindowSize { terminal, before });
        }
        Ok(design)
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let Fault::PtyStorm { per_s } = order.fault else {
            return Err(mistaken());
        };
        let mut storms = Vec::new();
        for undo in &order.design.undo {
            let Undo::WindowSize { terminal, before } = undo else {
                continue;
            };
            storms.push(Storm {
                file: terminal.open_or_refuse()?,
                terminal: terminal.clone(),
                before: *before,
                over: false,
            });
        }
        let per_s = per_s.get();
        let beat = Duration::from_secs(1) / u32::try_from(per_s).unwrap_or(u32::MAX);
        let begun = Instant::now();
        let (mut done, mut told) = (0, begun);
        let detail = |done: u64, storms: &[Storm]| {
            let gone = storms.iter().filter(|storm| storm.over).count() as u64;
            Detail::from([
                ("resizes".to_owned(), Measure::from(done)),
                ("terminals_gone".to_owned(), Measure::from(gone)),
            ])
        };
        let mut skipped = 0;
        while stage.left_ms() > 0 && storms.iter().any(|storm| !storm.over) {
            let due =
                1 + u64::try_from(begun.elapsed().as_nanos() / beat.as_nanos()).unwrap_or(u64::MAX);
            let most =
                1 + u64::try_from(CAUGHT_UP.as_nanos() / beat.as_nanos()).unwrap_or(u64::MAX);
            skipped = skipped.max(due.saturating_sub(done + most));
            while done + skipped < due {
                for storm in &mut storms {
                    storm.blow(done, stage)?;
                }
                done += 1;
                if done == 1 {
                    stage.applied(detail(done, &storms));
                }
            }
            if told.elapsed() >= LOOK {
                told = Instant::now();
                stage.note(detail(done, &storms));
            }
            sleep(beat.min(LOOK).min(Duration::from_millis(stage.left_ms())));
        }
        stage.note(detail(done, &storms));
        stage.hold();
        Ok(())
    }
}

struct Storm {
    file: File,
    terminal: Terminal,
    before: WindowSize,
    /// The terminal is gone.
    over: bool,
}

impl Storm {
    /// One size after the other: narrower, lower, half, and as large as it was.
    fn blow(&mut self, step: u64, stage: &mut Stage) -> Result<(), NativeError> {
        if self.over {
            return Ok(());
        }
        let Some(now) = WindowSize::read(&self.file) else {
            self.over = true;
            return Ok(());
        };
        // Somebody else has set a size of their own: that is what it gets back.
        if !now.is_ours() && now != self.before {
            stage.journal(Undo::WindowSize {
                terminal: self.terminal.clone(),
                before: now,
            })?;
            self.before = now;
        }
        let WindowSize { cols, rows, .. } = self.before;
        let (cols, rows) = match step % 4 {
            0 => (cols.saturating_sub(1), rows),
            1 => (cols, rows.saturating_sub(1)),
            2 => (cols / 2, rows / 2),
            _ => (cols, rows),
        };
        let size = Winsize {
            ws_col: cols.max(2),
            ws_row: rows.max(2),
            ws_xpixel: STORM_MARK,
            ws_ypixel: STORM_MARK,
        };
        self.over = tcsetwinsize(&self.file, size).is_err();
        Ok(())
    }
}
