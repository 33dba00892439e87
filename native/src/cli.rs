//! The command line: what `--help`, the man page and the completions are made of.
use std::ffi::OsString;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::capabilities;
use crate::chaos::{actor, bound, guardian, recover};
use crate::contract::error::NativeError;
use crate::{hook, proxy, serve, shim, tail, top, watch};

/// hms-tui's native helper: chaos that always reverts, and what must be faster or tougher than Node.
#[derive(Parser)]
#[command(name = "hms-native", version, about, max_term_width = 100)]
pub struct Program {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Answer requests, one JSON object a line, on stdin and stdout; when stdin ends, every effect is taken back
    Serve,
    /// What this machine can do, by which mechanism, and who takes it back: tried, not assumed
    Capabilities {
        /// As one JSON array
        #[arg(long)]
        json: bool,
    },
    /// Take back what faults have left whose helper died: the undo journals in this folder
    Recover {
        /// The scope's folder
        folder: PathBuf,
        /// As one JSON array of states
        #[arg(long)]
        json: bool,
    },
    /// In charge of one injection; started by serve
    #[command(hide = true)]
    Guardian,
    /// Brings one fault about; started by its guardian
    #[command(hide = true)]
    Actor {
        guardian: u32,
    },
    /// Becomes a program that dies with its parent; started by an actor
    #[command(hide = true)]
    Bound {
        parent: u32,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<OsString>,
    },
    /// Cuts a network namespace off until it is ended; started by an actor
    #[command(hide = true)]
    Cut {
        parent: u32,
        pid: u32,
        born: String,
        #[arg(long)]
        look: bool,
    },
    /// Waits until stdin ends: what capabilities are tried on
    #[command(hide = true)]
    Wait,
    /// Carry a hook's input of an agent's own tool to the engine, and its answer back: hook DRIVER [--gate ask|observe|off]
    #[command(disable_help_flag = true)]
    Hook {
        #[arg(
            trailing_var_arg = true,
            allow_hyphen_values = true,
            value_name = "DRIVER"
        )]
        args: Vec<OsString>,
    },
    /// Tell the moment processes end, one JSON object a line
    Watch(watch::command::Options),
    /// What process trees use: CPU, memory, threads, files, I/O, and how much the machine stands still
    Top(top::command::Options),
    /// Follow files by name, also when they are rotated by rename or by truncation
    Tail(tail::command::Options),
    Proxy(Box<proxy::verb::Proxy>),
    Run(shim::run::Options),
    /// Print the manual page: hms-native man | man -l -
    Man,
    /// Print completions for a shell
    Completions {
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// # Errors
    /// What people meet: see each sub-command.
    pub fn run(self) -> Result<ExitCode, NativeError> {
        match self {
            Self::Serve => Ok(serve::run()),
            Self::Capabilities { json } => print(&capabilities::text(json)),
            Self::Recover { folder, json } => recover(&folder, json),
            Self::Guardian => Ok(guardian::run()),
            Self::Actor { guardian } => Ok(actor::run(guardian)),
            Self::Bound { parent, command } => Ok(bound::run(parent, &command)),
            #[cfg(target_os = "linux")]
            Self::Cut {
                parent,
                pid,
                born,
                look,
            } => Ok(crate::faults::partition::cut::run(parent, pid, &born, look)),
            #[cfg(not(target_os = "linux"))]
            Self::Cut { .. } => Ok(ExitCode::FAILURE),
            Self::Wait => {
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
                Ok(ExitCode::SUCCESS)
            }
            Self::Hook { args } => Ok(hook::main(args.into_iter())),
            Self::Watch(options) => watch::command::run(&options),
            Self::Top(options) => top::command::run(&options),
            Self::Tail(options) => tail::command::run(&options),
            Self::Proxy(proxy) => proxy.run(),
            Self::Run(options) => shim::run::run(&options),
            Self::Man => print(&man()?),
            Self::Completions { shell } => {
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut shown(), "hms-native", &mut script);
                print(&script)
            }
        }
    }
}

/// Exit code 1 when something could not be taken back.
fn recover(folder: &Path, json: bool) -> Result<ExitCode, NativeError> {
    if !folder.is_dir() {
        let message = format!("there is no folder {}", folder.display());
        return Err(NativeError::new(
            "folder",
            message,
            "name the folder of the undo journals",
        ));
    }
    let states = recover::folder(folder);
    let clean = states.iter().all(|state| state.residues.is_empty());
    let mut text = String::new();
    if json {
        text = serde_json::to_string(&states).unwrap_or_default() + "\n";
    } else {
        for state in &states {
            let residues: Vec<&str> = state.residues.iter().map(|residue| &**residue).collect();
            let how = if residues.is_empty() {
                "taken back".to_owned()
            } else {
                residues.join("; ")
            };
            let _ = writeln!(text, "{}: {how}", state.id);
        }
    }
    let code = print(text.as_bytes())?;
    Ok(if clean { code } else { ExitCode::FAILURE })
}

/// Without what we start ourselves: completions would offer hidden sub-commands.
fn shown() -> clap::Command {
    let whole = Program::command();
    let named: Vec<clap::Command> = whole
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
        .cloned()
        .collect();
    clap::Command::new("hms-native")
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .subcommands(named)
}

/// The page, and one section for each sub-command, as roff.
fn man() -> Result<Vec<u8>, NativeError> {
    let mut page = Vec::new();
    let broken = |error: io::Error| {
        NativeError::new("man", format!("the page could not be made: {error}"), "")
    };
    let program = Program::command();
    clap_mangen::Man::new(program.clone())
        .render(&mut page)
        .map_err(broken)?;
    for command in program
        .get_subcommands()
        .filter(|command| !command.is_hide_set())
    {
        let name = format!("hms-native {}", command.get_name());
        let section = clap_mangen::Man::new(command.clone().bin_name(name));
        writeln!(page, ".SH \"{}\"", command.get_name().to_uppercase()).map_err(broken)?;
        section
            .render_description_section(&mut page)
            .map_err(broken)?;
        section.render_options_section(&mut page).map_err(broken)?;
    }
    Ok(page)
}

/// To stdout; a reader that went away (`| head`) is no error.
///
/// # Errors
/// `stdout` when it cannot be written.
pub fn print(text: &[u8]) -> Result<ExitCode, NativeError> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(NativeError::new(
            "stdout",
            format!("cannot write to stdout: {error}"),
            "",
        )),
        _ => Ok(ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Program::command().debug_assert();
    }

    #[test]
    fn completions_offer_what_help_names_and_nothing_else() {
        let mut script = Vec::new();
        clap_complete::generate(
            clap_complete::Shell::Bash,
            &mut shown(),
            "hms-native",
            &mut script,
        );
        let script = String::from_utf8(script).unwrap();
        for command in Program::command().get_subcommands() {
            let offered = script.contains(&format!("hms__native,{})", command.get_name()));
            assert_ne!(offered, command.is_hide_set(), "{}", command.get_name());
        }
    }

    #[test]
    fn help_and_manual_name_every_sub_command() {
        let help = Program::command().render_long_help().to_string();
        let page = String::from_utf8(man().unwrap()).unwrap();
        for command in Program::command()
            .get_subcommands()
            .filter(|command| !command.is_hide_set())
        {
            assert!(help.contains(command.get_name()), "{}", command.get_name());
            assert!(
                page.contains(&command.get_name().to_uppercase()),
                "{}",
                command.get_name()
            );
        }
    }
}
