//! `hms-native serve`: the conversation on stdin and stdout. The pipe is the lease: when it closes, or stdout cannot
//! be written, every effect is taken back and we end.
//!
//! One thread reads (here), one writes ([`outbox`]); what takes longer than a few ms gets a thread of its own, so that
//! the pipe's end is always noticed. Add a request: a variant in `contract/request.rs`, an arm in [`session`].
mod eyes;
mod outbox;
mod session;

use std::io::{self, BufRead, BufReader, Read};
use std::process::ExitCode;

pub use outbox::Outbox;

use crate::contract::MAX_LINE;
use crate::contract::error::NativeError;
use crate::contract::lines::read_request;
use session::Session;

/// Until stdin ends. Exit code 1 when the caller broke the contract beyond repair (a line longer than `MAX_LINE`).
pub fn run() -> ExitCode {
    let outbox = Outbox::to(io::stdout());
    let mut session = Session::new(outbox.clone());
    let code = converse(&mut BufReader::new(io::stdin()), &mut session, &outbox);
    session.end("pipe");
    outbox.close();
    code
}

fn converse(from: &mut impl BufRead, session: &mut Session, outbox: &Outbox) -> ExitCode {
    let mut line = Vec::new();
    loop {
        line.clear();
        match from
            .by_ref()
            .take(MAX_LINE as u64)
            .read_until(b'\n', &mut line)
        {
            Ok(0) => return ExitCode::SUCCESS,
            Ok(_) if line.ends_with(b"\n") => {}
            Ok(length) if length >= MAX_LINE => {
                let message = format!("a line of more than {MAX_LINE} bytes");
                outbox.refuse(
                    0,
                    NativeError::new("too-large", message, "send smaller requests"),
                );
                return ExitCode::FAILURE;
            }
            // The pipe ended within a line: what the caller wanted is not known, so nothing of it is done.
            Ok(_) | Err(_) => return ExitCode::SUCCESS,
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match read_request(&line) {
            Ok(line) => session.handle(line),
            Err((id, error)) => {
                session.heard();
                outbox.refuse(id, error);
            }
        }
    }
}
