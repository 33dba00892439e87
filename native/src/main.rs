//! hms-native: hms-tui's native helper. Chaos that always reverts, and what must be faster or tougher than Node.
use clap::Parser;

#[derive(Parser)]
#[command(name = "hms-native", version, about)]
struct Program {}

fn main() {
    Program::parse();
}
