//! Sizes of terminals, and which of them are a storm's.
use std::fmt;
use std::fs::File;

use rustix::termios::{Winsize, tcsetwinsize};
use serde::{Deserialize, Serialize};

use crate::machine::terminal::{self, Terminal};

/// In both fields for pixels of every size a storm sets: no terminal is exactly so large by itself.
pub const STORM_MARK: u16 = 0xc4a0;

/// Characters, and pixels where somebody told them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowSize {
    pub cols: u16,
    pub rows: u16,
    x: u16,
    y: u16,
}

impl WindowSize {
    /// None when it is gone, or not that terminal any more.
    pub fn of(terminal: &Terminal) -> Option<Self> {
        Self::read(&terminal.open().ok()?)
    }

    pub fn read(file: &File) -> Option<Self> {
        let size = terminal::size(file).ok()?;
        Some(Self {
            cols: size.ws_col,
            rows: size.ws_row,
            x: size.ws_xpixel,
            y: size.ws_ypixel,
        })
    }

    pub fn is_ours(self) -> bool {
        (self.x, self.y) == (STORM_MARK, STORM_MARK)
    }

    /// Sets it where the terminal has a storm's.
    pub fn restore(self, terminal: &Terminal) {
        let Ok(file) = terminal.open() else { return };
        if Self::read(&file).is_some_and(Self::is_ours) {
            let size = Winsize {
                ws_row: self.rows,
                ws_col: self.cols,
                ws_xpixel: self.x,
                ws_ypixel: self.y,
            };
            let _ = tcsetwinsize(&file, size);
        }
    }
}

impl fmt::Display for WindowSize {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{} × {}", self.cols, self.rows)
    }
}
