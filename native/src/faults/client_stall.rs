//! `client_stall`: a control client of the fleet's tmux that asks for all output, and stops reading. It is one of our
//! own: it dies with the actor, and tmux forgets it with all that waits for it.
use std::process::{Child, ChildStdout, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::io::ioctl_fionread;

use super::{Ground, Injector, can, cannot, given, mistaken, needs_target, who};
use crate::chaos::actor::Stage;
use crate::chaos::bound;
use crate::chaos::order::{Design, Order};
use crate::chaos::undo::Undo;
use crate::contract::capability::{Capability, Reverter};
use crate::contract::chaos::{Detail, Measure};
use crate::contract::error::NativeError;
use crate::contract::fault::{By, Fault};
use crate::machine::room;
use crate::machine::tmux::{self, Tmux, door};

pub struct ClientStall;

/// How long attaching may take.
const ATTACH: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);
/// How long the server may take to tell who its clients are.
const PATIENCE: Duration = Duration::from_millis(200);
/// So long before its time the client detaches in turn with others: see [`door`].
const FAREWELL_MS: u64 = 150;

impl Injector for ClientStall {
    fn kind(&self) -> &'static str {
        "client_stall"
    }

    fn capability(&self) -> Capability {
        if tmux::find().is_some() {
            can("client_stall", "tmux -C", Reverter::Kernel)
        } else {
            cannot("client_stall", "tmux is not on the PATH", "install it")
        }
    }

    fn plan(&self, fault: &Fault, ground: &Ground<'_>) -> Result<Design, NativeError> {
        let Fault::ClientStall {} = fault else {
            return Err(mistaken());
        };
        needs_target(ground.targets, "a client that stalls")?;
        let tmux = Tmux::at(&ground.scope.tmux_socket)?;
        for target in ground.targets {
            tmux.holds(target)?;
        }
        let session = largest_session(&tmux)?;
        let server = tmux.server()?.pid.get();
        Ok(Design::by("tmux -C")
            .effect(format!(
                "tmux -C attach-session -t {session} -f ignore-size,read-only on the server (pid {server}) of {}",
                who(ground.targets)
            ))
            .effect("nothing of what it prints is read: what waits for it grows in the server")
            .effect("it ends early when memory_floor is reached")
            .reverted(By::Kernel, "the client dies with who started it, and tmux frees what waits for it")
            .giving(&session))
    }

    fn apply(&self, order: &Order, stage: &mut Stage) -> Result<(), NativeError> {
        let session: String = given(order)?;
        let tmux = Tmux::at(&order.tmux_socket)?;
        let mark = door::owner_mark();
        stage.journal(Undo::Door {
            door: door::path(tmux.socket()),
            mark: mark.clone(),
        })?;
        let args = [
            "-L",
            &mark,
            "-C",
            "attach-session",
            "-E",
            "-t",
            &session,
            "-f",
            "ignore-size,read-only",
        ];
        let attached = door::in_turn(tmux.socket(), || {
            let pipes = [Stdio::piped(), Stdio::piped()];
            let mut client = bound::start(stage, tmux.command(&args), pipes)?;
            let out = attach(&mut client)?;
            Ok::<_, NativeError>((client, out))
        });
        let (mut client, out) = attached?;
        stage.applied(unread(&out));
        let limits = &order.limits;
        let mut before = 0;
        while stage.left_ms() > FAREWELL_MS && matches!(client.try_wait(), Ok(None)) {
            sleep(LOOK);
            let memory = room::memory();
            if memory.is_some_and(|room| {
                room.above(limits.memory_floor, limits.memory_floor_percent) == 0
            }) {
                break;
            }
            let now = ioctl_fionread(&out).unwrap_or(0);
            if now > before {
                before = now;
                stage.note(unread(&out));
            }
        }
        door::in_turn(tmux.socket(), || {
            let _ = client.kill();
            let _ = client.wait();
        });
        Ok(())
    }

    /// tmux forgets a client that died as soon as it hears of it.
    fn probe(&self, order: &Order) -> Vec<String> {
        let Ok(tmux) = Tmux::at(&order.tmux_socket) else {
            return Vec::new();
        };
        let told = tmux
            .within(PATIENCE)
            .ask(&["list-clients", "-F", "#{client_pid}"])
            .unwrap_or_default();
        let dead =
            |pid: &u32| crate::machine::process::stat(*pid).is_none_or(|found| found.has_ended());
        told.lines()
            .filter_map(|line| line.parse().ok())
            .filter(dead)
            .map(|pid| format!("tmux has a client {pid} that is dead"))
            .collect()
    }
}

/// The one whose windows print most: all agents are in it. Its id: no name is a pattern then.
fn largest_session(tmux: &Tmux) -> Result<String, NativeError> {
    let told = tmux.ask(&["list-sessions", "-F", "#{session_windows} #{session_id}"])?;
    let session = |line: &str| {
        let (windows, id) = line.split_once(' ')?;
        let number = id.strip_prefix('$')?.parse::<u32>().ok()?;
        Some((windows.parse::<u32>().ok()?, std::cmp::Reverse(number)))
    };
    let largest = told.lines().filter_map(session).max();
    let none = || NativeError::new("no-effect", "tmux has no session to attach to", "");
    largest
        .map(|(_, number)| format!("${}", number.0))
        .ok_or_else(none)
}

/// Waits for its first words, and reads nothing more.
fn attach(client: &mut Child) -> Result<ChildStdout, NativeError> {
    let failed = |message: String| NativeError::new("tmux", message, "look at the tmux server");
    let out = client.stdout.take();
    let out = out.ok_or_else(|| failed("tmux has no output".to_owned()))?;
    shrink(&out);
    let until = Instant::now() + ATTACH;
    while ioctl_fionread(&out).unwrap_or(0) == 0 {
        if let Ok(Some(status)) = client.try_wait() {
            return Err(failed(format!("the client has ended: {status}")));
        }
        if Instant::now() >= until {
            return Err(failed(format!(
                "tmux did not answer within {} s",
                ATTACH.as_secs()
            )));
        }
        sleep(Duration::from_millis(1));
    }
    Ok(out)
}

/// A small pipe is full sooner; in one of a single page nothing could be told but that it is.
#[cfg(target_os = "linux")]
fn shrink(out: &ChildStdout) {
    let _ = rustix::pipe::fcntl_setpipe_size(out, 4 * 4096);
}

#[cfg(not(target_os = "linux"))]
fn shrink(_out: &ChildStdout) {}

fn unread(out: &ChildStdout) -> Detail {
    let bytes = ioctl_fionread(out).unwrap_or(0);
    Detail::from([("unread_bytes".to_owned(), Measure::from(bytes))])
}
