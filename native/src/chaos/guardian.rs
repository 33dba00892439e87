//! `hms-native guardian` (hidden): in charge of one injection. One thread in a session of its own, which terminals and
//! polite signals do not reach; it waits, and reverts when anything ends: the time, the controller, the actor.
use std::io::{self, Stdin, Stdout};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitCode, Stdio};
use std::time::Duration;

use super::journal::Journal;
use super::order::{FromActor, FromGuardian, Order, ToActor, ToGuardian};
use super::pipes::{self, Lines};
use super::revert;
use crate::contract::error::NativeError;
use crate::machine::{clock, process};

/// A controller that says nothing for so long has hung, ms.
const LEASE_MS: u64 = 2000;
/// How often clock and halt file are looked at, ms.
const LOOK_MS: u64 = 100;
/// No fault lasts longer, whatever the order says, ms.
const HARD_CAP_MS: u64 = 300_000;

struct Guardian {
    controller: Stdin,
    told: Lines,
    out: Stdout,
    journal: Journal,
    actor: Child,
    to_actor: ChildStdin,
    from_actor: ChildStdout,
    acted: Lines,
    /// The controller's last word, boot ms.
    heard: u64,
    controller_gone: bool,
}

/// Until the injection is over and proven.
pub fn run() -> ExitCode {
    let _ = rustix::process::setsid();
    super::name(c"hms-guardian");
    stand_firm();
    let mut controller = io::stdin();
    let mut told = Lines::default();
    let mut out = io::stdout();
    let Some((order, rest)) = first_order(&mut controller, &mut told) else {
        return ExitCode::FAILURE;
    };
    pipes::never_wait(&out);
    if let Some(because) = revert_among(&rest) {
        let residues = Vec::new();
        pipes::tell(&mut out, &FromGuardian::Ended { because, residues });
        return ExitCode::SUCCESS;
    }
    match begin(order) {
        Err(error) => {
            pipes::tell(&mut out, &FromGuardian::Refused(error));
            ExitCode::FAILURE
        }
        Ok((journal, mut actor)) => {
            let (Some(to_actor), Some(from_actor)) = (actor.stdin.take(), actor.stdout.take())
            else {
                return ExitCode::FAILURE;
            };
            let heard = clock::boot_ms();
            let acted = Lines::default();
            let controller_gone = false;
            let mut guardian = Guardian {
                controller,
                told,
                out,
                journal,
                actor,
                to_actor,
                from_actor,
                acted,
                heard,
                controller_gone,
            };
            let because = guardian.guard(rest);
            guardian.finish(&because)
        }
    }
}

/// What ends others politely does not end us: the controller's death makes us revert and end.
#[cfg(target_os = "linux")]
fn stand_firm() {
    use nix::sys::signal::{SigSet, Signal};
    let mut polite = SigSet::empty();
    for signal in [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGQUIT,
    ] {
        polite.add(signal);
    }
    let _ = polite.thread_block();
    // Never swapped out, so that a machine without memory does not hold a revert up.
    let _ = rustix::mm::mlockall(
        rustix::mm::MlockAllFlags::CURRENT | rustix::mm::MlockAllFlags::ONFAULT,
    );
    let _ = std::fs::write("/proc/self/oom_score_adj", "-1000");
}

#[cfg(not(target_os = "linux"))]
fn stand_firm() {}

/// The order, and what else was said before and after it: a halt may overtake it. A controller that dies before it has
/// said what to do has done nothing either.
fn first_order(controller: &mut Stdin, told: &mut Lines) -> Option<(Order, Vec<ToGuardian>)> {
    let mut order = None;
    let mut rest = Vec::new();
    while order.is_none() {
        for word in told.read(controller).ok()? {
            match word {
                ToGuardian::Order(first) => order = Some(*first),
                other => rest.push(other),
            }
        }
    }
    order.map(|order| (order, rest))
}

fn revert_among(words: &[ToGuardian]) -> Option<String> {
    words.iter().find_map(|word| match word {
        ToGuardian::Revert { because } => Some(because.clone()),
        _ => None,
    })
}

/// Journal first, then the actor, who waits for its order; who it is goes into the journal before it gets one.
fn begin(order: Order) -> Result<(Journal, Child), NativeError> {
    let broken = |what: &str, error: &io::Error| {
        let remedy = "look at the folder's rights, and at the room on its disk";
        NativeError::new("journal", format!("{what}: {error}"), remedy)
    };
    let id = order.id.to_string();
    let mut journal = Journal::begin(order).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let remedy = "take another id, or `hms-native recover` what is left of an earlier life";
            NativeError::new(
                "id-in-use",
                format!("an injection {id} is not over"),
                remedy,
            )
        }
        _ => broken(
            "the undo journal cannot be written, so nothing is done",
            &error,
        ),
    })?;
    let own = super::own_program().map_err(|error| broken("cannot find this program", &error));
    let started = own.and_then(|program| {
        let mut actor = Command::new(program);
        actor.args(["actor", &std::process::id().to_string()]);
        actor
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        actor
            .spawn()
            .map_err(|error| broken("the actor does not start", &error))
    });
    let mut actor = match started {
        Ok(actor) => actor,
        Err(error) => {
            journal.end();
            return Err(error);
        }
    };
    let noted = process::stat(actor.id())
        .and_then(|stat| stat.mark())
        .ok_or_else(|| NativeError::new("actor", "the actor ended before it began", ""))
        .and_then(|mark| {
            journal
                .note_actor(mark)
                .map_err(|error| broken("the undo journal cannot be written", &error))
        });
    if let Err(error) = noted {
        let _ = actor.kill();
        let _ = actor.wait();
        journal.end();
        return Err(error);
    }
    Ok((journal, actor))
}

impl Guardian {
    /// Lets the actor begin, and waits for whatever ends it; returns what that was.
    fn guard(&mut self, rest: Vec<ToGuardian>) -> String {
        self.say(&FromGuardian::Journalled);
        let order = self.journal.order.clone();
        let cap = clock::boot_ms() + order.limits.longest_ms.get().min(HARD_CAP_MS);
        let deadline = order.deadline_boot_ms.min(cap);
        // Who gave the order may be dead by now: then nothing begins.
        let [word] = pipes::wait([&self.controller], Duration::ZERO);
        if let Some(because) = word.then(|| self.hear_controller()).flatten() {
            return because;
        }
        if !pipes::tell(&mut self.to_actor, &ToActor::Order(Box::new(order))) {
            return "actor".to_owned();
        }
        pipes::never_wait(&self.to_actor);
        self.obey(rest);
        loop {
            let now = clock::boot_ms();
            if now >= deadline {
                return "time".to_owned();
            }
            if self.journal.order.halt_file.symlink_metadata().is_ok() {
                return "halt".to_owned();
            }
            if now.saturating_sub(self.heard) >= LEASE_MS {
                return "lease".to_owned();
            }
            let pause = Duration::from_millis((deadline - now).min(LOOK_MS));
            let [controller, actor] = pipes::wait([&self.controller, &self.from_actor], pause);
            if let Some(because) = actor.then(|| self.hear_actor()).flatten() {
                return because;
            }
            if let Some(because) = controller.then(|| self.hear_controller()).flatten() {
                return because;
            }
        }
    }

    fn hear_controller(&mut self) -> Option<String> {
        let Ok(said) = self.told.read::<ToGuardian>(&mut self.controller) else {
            self.controller_gone = true;
            return Some("pipe".to_owned());
        };
        self.heard = clock::boot_ms();
        self.obey(said)
    }

    fn obey(&mut self, said: Vec<ToGuardian>) -> Option<String> {
        for word in said {
            match word {
                ToGuardian::Lease => self.say(&FromGuardian::Beat),
                ToGuardian::Revert { because } => return Some(because),
                ToGuardian::Targets(targets) => {
                    pipes::tell(&mut self.to_actor, &ToActor::Targets(targets));
                }
                ToGuardian::Order(_) => {}
            }
        }
        None
    }

    fn hear_actor(&mut self) -> Option<String> {
        let Ok(said) = self.acted.read::<FromActor>(&mut self.from_actor) else {
            return Some("actor".to_owned());
        };
        for word in said {
            match word {
                FromActor::Undo(undo) => {
                    if self.journal.note_undo(undo).is_err() {
                        return Some("journal".to_owned());
                    }
                    pipes::tell(&mut self.to_actor, &ToActor::Journalled);
                }
                FromActor::Applied(detail) => self.say(&FromGuardian::Applied(detail)),
                FromActor::Note(detail) => self.say(&FromGuardian::Note(detail)),
                FromActor::Done => return Some("done".to_owned()),
                FromActor::Failed(error) => {
                    let code = error.code.to_string();
                    self.say(&FromGuardian::Refused(error));
                    return Some(code);
                }
            }
        }
        None
    }

    fn finish(mut self, because: &str) -> ExitCode {
        // Before anything else: what the actor holds is free from here on.
        let _ = self.actor.kill();
        self.say(&FromGuardian::Reverting {
            because: because.to_owned(),
        });
        let _ = self.actor.wait();
        let residues = revert::revert(self.journal);
        let clean = residues.is_empty();
        pipes::tell(
            &mut self.out,
            &FromGuardian::Ended {
                because: because.to_owned(),
                residues,
            },
        );
        if clean {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    fn say(&mut self, word: &FromGuardian) {
        if !self.controller_gone {
            pipes::tell(&mut self.out, word);
        }
    }
}
