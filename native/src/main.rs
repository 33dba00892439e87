//! hms-native: hms-tui's native helper. Chaos that always reverts, and what must be faster or tougher than Node.
use std::env;
use std::process::ExitCode;

use clap::Parser;

#[derive(Parser)]
#[command(name = "hms-native", version, about)]
struct Program {}

fn main() -> ExitCode {
    let mut args = env::args_os().skip(1);
    // Called by agents many times a minute: does without the command line's framework.
    if args.next().is_some_and(|verb| verb == "hook") {
        return hms_native::hook::main(args);
    }
    Program::parse();
    ExitCode::SUCCESS
}
