//! One thread an injection in the controller: starts its guardian, keeps its lease, tells the caller how it stands, and
//! replays the journal when the guardian dies.
use std::io;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::injections::Injections;
use super::order::{FromGuardian, Order, ToGuardian};
use super::pipes::{self, Lines};
use super::{journal, recover};
use crate::contract::bounded::Long;
use crate::contract::chaos::{Detail, FaultState, Phase, Plan};
use crate::contract::error::NativeError;
use crate::machine::clock;
use crate::serve::Outbox;

/// How often the guardian is told that we live, ms.
const LEASE_EVERY: Duration = Duration::from_millis(500);
/// A guardian that says nothing for so long has hung: it is killed, and its journal replayed.
const GUARDIAN_HUNG: Duration = Duration::from_secs(4);

/// The way to a guardian; shared with who may ask it to revert.
#[derive(Clone)]
pub struct Line(Arc<Mutex<ChildStdin>>);

impl Line {
    /// Whether it went out; a guardian that is gone hears nothing, and has reverted or is being replayed.
    pub fn say(&self, word: &ToGuardian) -> bool {
        pipes::tell(
            &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            word,
        )
    }

    fn never_wait(&self) {
        pipes::never_wait(&*self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

pub struct Keeper {
    pub request: u64,
    pub plan: Plan,
    pub order: Order,
    pub guardian: (Child, ChildStdout),
    pub to_guardian: Line,
    pub injections: Arc<Injections>,
    pub outbox: Outbox,
    /// The caller's; 0 for none.
    pub lease_ms: u64,
}

/// Starts a guardian that waits for its order.
///
/// # Errors
/// `guardian` when it does not start.
pub fn start() -> Result<(Line, (Child, ChildStdout)), NativeError> {
    let broken = |error: io::Error| {
        NativeError::new(
            "guardian",
            format!("the guardian does not start, so nothing is done: {error}"),
            "",
        )
    };
    let mut start = Command::new(super::own_program().map_err(broken)?);
    start
        .arg("guardian")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = start.spawn().map_err(broken)?;
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(broken(io::ErrorKind::BrokenPipe.into()));
    };
    Ok((Line(Arc::new(Mutex::new(stdin))), (child, stdout)))
}

/// How far the conversation with the caller has come.
struct Told {
    answered: bool,
    /// Its code, when the fault could not be brought about.
    refused: Option<String>,
    ended: bool,
    detail: Detail,
}

impl Keeper {
    /// Until the injection is over and proven.
    pub fn keep(mut self) {
        let mut told = Told {
            answered: false,
            refused: None,
            ended: false,
            detail: Detail::new(),
        };
        self.to_guardian
            .say(&ToGuardian::Order(Box::new(self.order.clone())));
        self.to_guardian.never_wait();
        let mut lines = Lines::default();
        let mut beat = Instant::now();
        let mut renewed = Instant::now();
        let mut asked = false;
        loop {
            let [readable] = pipes::wait([&self.guardian.1], Duration::from_millis(100));
            if readable {
                let Ok(said) = lines.read::<FromGuardian>(&mut self.guardian.1) else {
                    break;
                };
                beat = Instant::now();
                for word in said {
                    self.hear(word, &mut told);
                }
            }
            if renewed.elapsed() >= LEASE_EVERY {
                renewed = Instant::now();
                if self.caller_lives() {
                    self.to_guardian.say(&ToGuardian::Lease);
                } else if !asked {
                    asked = self.to_guardian.say(&ToGuardian::Revert {
                        because: "lease".to_owned(),
                    });
                }
            }
            if beat.elapsed() >= GUARDIAN_HUNG {
                let _ = self.guardian.0.kill();
            }
        }
        let _ = self.guardian.0.wait();
        if !told.ended {
            self.replay(&mut told);
        }
    }

    fn caller_lives(&self) -> bool {
        self.lease_ms == 0 || self.injections.silent_ms() < self.lease_ms
    }

    fn hear(&self, word: FromGuardian, told: &mut Told) {
        match word {
            FromGuardian::Beat => {}
            FromGuardian::Journalled => self.stands(Phase::Journalled, "", told, &[]),
            FromGuardian::Applied(detail) => {
                told.detail.extend(detail);
                self.stands(Phase::Applied, "", told, &[]);
                self.answer(Ok(()), told);
            }
            FromGuardian::Note(detail) => {
                told.detail.extend(detail);
                self.stands(Phase::Applied, "", told, &[]);
            }
            FromGuardian::Refused(error) => {
                told.refused = Some(error.code.to_string());
                self.answer(Err(error), told);
            }
            FromGuardian::Reverting { because } => {
                self.stands(Phase::Reverting, &because, told, &[]);
            }
            FromGuardian::Ended { because, residues } => self.ended(&because, &residues, told),
        }
    }

    /// The guardian died: what its journal says is undone here. Without a journal nothing was done, or all is undone.
    fn replay(&self, told: &mut Told) {
        let path = journal::path(&self.order);
        let state = recover::one(&path, "guardian");
        let residues: Vec<String> = state.map_or_else(Vec::new, |state| {
            state.residues.iter().map(ToString::to_string).collect()
        });
        self.ended("guardian", &residues, told);
    }

    fn ended(&self, because: &str, residues: &[String], told: &mut Told) {
        told.ended = true;
        let because = told.refused.clone().unwrap_or_else(|| because.to_owned());
        let clean = residues.is_empty() && told.refused.is_none();
        if !told.answered {
            let message = format!("it was taken back before it was there: {because}");
            self.answer(
                Err(NativeError::new(
                    "reverted",
                    message,
                    "see the fault's state",
                )),
                told,
            );
        }
        self.stands(
            if clean {
                Phase::Reverted
            } else {
                Phase::Failed
            },
            &because,
            told,
            residues,
        );
    }

    fn answer(&self, outcome: Result<(), NativeError>, told: &mut Told) {
        if !told.answered {
            told.answered = true;
            self.outbox
                .answer(self.request, outcome.map(|()| self.plan.clone()));
        }
    }

    fn stands(&self, phase: Phase, because: &str, told: &Told, residues: &[String]) {
        let state = FaultState {
            id: self.order.id.to_string(),
            phase,
            at: clock::wall_ms(),
            because: Long::cut(because),
            detail: told.detail.clone(),
            residues: residues.iter().map(|residue| Long::cut(residue)).collect(),
        };
        self.injections.stands(state, &self.outbox);
    }
}
