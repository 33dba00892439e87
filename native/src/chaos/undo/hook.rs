//! A hook of tmux' that was taken away.
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::contract::error::NativeError;
use crate::contract::process::ProcessMark;
use crate::machine::process;
use crate::machine::tmux::Tmux;

/// A global hook of windows, as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    pub socket: String,
    pub server: ProcessMark,
    /// `pane-died`
    pub name: String,
    /// As `show-hooks` prints them: `pane-died[0]` and its commands.
    pub entries: Vec<(String, String)>,
}

/// Each of a revert's attempts asks twice, and all of them together may take 4 s until the guardian passes for hung.
const PATIENCE: Duration = Duration::from_millis(200);

enum Stands {
    /// It is as it was, or as somebody else has set it since, or its server is gone.
    Well,
    /// Nothing but parts of what it was: ours to give back.
    Away,
    Unknown(String),
}

impl Hook {
    /// As it is.
    ///
    /// # Errors
    /// As [`Tmux::ask`]; `tmux` when the server is gone before it could be looked at.
    pub fn of(tmux: &Tmux, name: &str) -> Result<Self, NativeError> {
        let ask = [
            "display-message",
            "-p",
            "#{pid}",
            ";",
            "show-hooks",
            "-gw",
            name,
        ];
        let told = tmux.ask(&ask)?;
        let (pid, hooks) = told.split_once('\n').unwrap_or_default();
        let server = pid.parse().ok().and_then(process::stat);
        let server = server.and_then(|found| found.mark());
        let entry = |line: &str| {
            let (place, text) = line.split_once(' ')?;
            let ours = place.strip_prefix(name)?.starts_with('[');
            ours.then(|| (place.to_owned(), text.to_owned()))
        };
        Ok(Self {
            socket: tmux.socket().to_owned(),
            server: server
                .ok_or_else(|| NativeError::new("tmux", "the tmux server is gone", ""))?,
            name: name.to_owned(),
            entries: hooks.lines().filter_map(entry).collect(),
        })
    }

    /// Gives back what is away. One command list: tmux does all of it or, when it is lost on the way, nothing.
    pub fn restore(&self) {
        if !matches!(self.stands(), Stands::Away) {
            return;
        }
        let Ok(tmux) = self.tmux() else {
            return;
        };
        let texts: Vec<(&str, String)> = self
            .entries
            .iter()
            .map(|(place, text)| (place.as_str(), argument(text)))
            .collect();
        let mut args = Vec::new();
        for (place, text) in &texts {
            if !args.is_empty() {
                args.push(";");
            }
            args.extend(["set-hook", "-g", place, text]);
        }
        let _ = tmux.ask(&args);
    }

    pub fn residue(&self) -> Option<String> {
        match self.stands() {
            Stands::Well => None,
            Stands::Away => Some(format!("tmux has no hook {} any more", self.name)),
            Stands::Unknown(why) => Some(format!(
                "whether tmux has its hook {} is not known: {why}",
                self.name
            )),
        }
    }

    fn stands(&self) -> Stands {
        if process::find(&self.server).is_none() {
            return Stands::Well;
        }
        match self.tmux().and_then(|tmux| Self::of(&tmux, &self.name)) {
            Ok(now) if now.server != self.server => Stands::Well,
            Ok(now) => {
                let part = now.entries.iter().all(|one| self.entries.contains(one));
                if part && now.entries.len() < self.entries.len() {
                    Stands::Away
                } else {
                    Stands::Well
                }
            }
            Err(_) if process::find(&self.server).is_none() => Stands::Well,
            Err(error) => Stands::Unknown(error.message.to_string()),
        }
    }

    fn tmux(&self) -> Result<Tmux, NativeError> {
        Ok(Tmux::at(&self.socket)?.within(PATIENCE))
    }
}

/// tmux takes a `;` at an argument's end for the end of a command.
fn argument(text: &str) -> String {
    text.strip_suffix(';')
        .map_or_else(|| text.to_owned(), |rest| format!("{rest}\\;"))
}
