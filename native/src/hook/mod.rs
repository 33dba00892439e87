//! `hms-native hook DRIVER [--gate ask|observe|off]`: called by the hooks of an agent's own tool, many times a minute.
//! Carries the hook's input to the engine and its answer back, as `src/cli/hook.ts` does, which serves where this
//! program is not built; `test/cli/hook-conformance.test.ts` holds both to the same table of cases.
pub mod claude;
pub mod json;
mod link;
mod parent;
mod persist;

use std::env;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use json::Object;
use link::Place;
use parent::Parent;

/// How strictly the gate stands before a tool call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Gate {
    Ask,
    Observe,
    Off,
}

impl Gate {
    fn word(self) -> &'static str {
        match self {
            Gate::Ask => "ask",
            Gate::Observe => "observe",
            Gate::Off => "off",
        }
    }

    /// What is said after the first `--gate`, else in the environment; anything else is the strictest.
    fn of(args: &[String], said: Option<String>) -> Gate {
        let said = match args.iter().position(|arg| arg == "--gate") {
            Some(at) => args.get(at + 1).cloned(),
            None => said,
        };
        match said.as_deref() {
            Some("observe") => Gate::Observe,
            Some("off") => Gate::Off,
            _ => Gate::Ask,
        }
    }
}

/// How long the engine is waited for.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How long to try to reach it.
    pub connect: Duration,
    /// How long to wait for one answer; none: as long as it takes.
    pub answer: Option<Duration>,
    /// Ask again when it goes away meanwhile.
    pub repeat: bool,
    /// All attempts together; none: as long as it takes.
    pub in_all: Option<Duration>,
}

/// What the agent's tool is to read, and the exit code.
#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Answer {
    pub stdout: String,
    pub exit: i32,
}

impl Answer {
    /// Leaves the tool's own flow as it is.
    fn nothing() -> Self {
        Answer {
            stdout: String::new(),
            exit: 0,
        }
    }
}

/// Runs the hook; `args` are those after `hook`. 1 for arguments that are wrong, else the exit code that is answered.
pub fn main(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    let driver = args.first().map_or("", String::as_str);
    let mut input = Vec::new();
    // What came before it failed is judged: half a payload is malformed.
    let _ = io::stdin().lock().read_to_end(&mut input);
    if driver != "claude" {
        let name = serde_json::to_string(driver).unwrap_or_default();
        eprintln!("hms: There are no hooks for {name}.\n     hms hook claude.");
        return ExitCode::from(1);
    }
    let gate = Gate::of(&args, env::var("HMS_GATE").ok());
    let answer = answer(&String::from_utf8_lossy(&input), gate);
    let mut out = io::stdout().lock();
    // A tool that has gone away reads nothing; there is nobody left to tell.
    let _ = out
        .write_all(answer.stdout.as_bytes())
        .and_then(|()| out.flush());
    ExitCode::from(u8::try_from(answer.exit & 0xff).unwrap_or(1))
}

/// The engine's answer to this input, or without one what is safe.
fn answer(input: &str, gate: Gate) -> Answer {
    let Some(payload) = Object::parse(input) else {
        return Answer::nothing();
    };
    let sent = claude::prepare(&payload, gate);
    let patience = claude::patience(&payload);
    let mut parent = match patience.answer {
        None => Parent::watched(claude::agent(env::var("CLAUDE_PID").ok().as_deref())),
        Some(_) => Parent::unwatched(),
    };
    let asked = Place::of_environment()
        .and_then(|place| persist::ask(&place, "claude", &sent, &patience, &mut parent));
    match asked {
        Ok(answer) => answer,
        // Nobody waits for an answer any more.
        Err(link::Failure {
            code: link::Code::Orphaned,
            ..
        }) => Answer::nothing(),
        Err(failure) => claude::without_engine(&payload, gate, &failure.message),
    }
}

#[cfg(test)]
mod tests {
    use super::Gate;

    fn gate(args: &[&str], said: Option<&str>) -> Gate {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        Gate::of(&args, said.map(String::from))
    }

    #[test]
    fn the_gate_is_the_arguments_then_the_environments_then_the_strictest() {
        assert_eq!(
            gate(&["claude", "--gate", "off"], Some("observe")),
            Gate::Off
        );
        assert_eq!(gate(&["claude"], Some("observe")), Gate::Observe);
        assert_eq!(gate(&["claude", "--gate"], Some("off")), Gate::Ask);
        assert_eq!(gate(&["claude", "--gate", "OFF"], Some("off")), Gate::Ask);
        assert_eq!(gate(&["claude"], None), Gate::Ask);
    }
}
