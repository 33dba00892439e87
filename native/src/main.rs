//! hms-native: hms-tui's native helper. Chaos that always reverts, and what must be faster or tougher than Node.
//!
//! One binary, many small programs: each sub-command is a module of the library, and this file only tells them apart.
use std::env;
use std::process::ExitCode;

use clap::Parser;

use hms_native::{cli, hook};

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    // Called by agents many times a minute: does without the command line's framework.
    if args.next().is_some_and(|verb| verb == "hook") {
        return hook::main(args);
    }
    match cli::Program::parse().command.run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("hms-native: {error}");
            ExitCode::FAILURE
        }
    }
}
