//! `hms-native watch`: for people and scripts, one JSON object a line.
use std::io::{self, BufRead, Write};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use serde::Serialize;
use serde_json::json;

use super::{Watcher, Watching, cannot};
use crate::contract::error::NativeError;
use crate::contract::lines::{AnswerLine, Push, read_request};
use crate::contract::request::{Nothing, Request, WatchAdded};
use crate::proc::{self, tree::Forest};

#[derive(clap::Args)]
pub struct Options {
    /// Processes to watch; a name for one comes before it, as in builder=4711
    #[arg(value_name = "[NAME=]PID")]
    processes: Vec<String>,
    /// Also take watch.add and watch.remove from stdin, one JSON object a line, until it ends
    #[arg(long)]
    stdin: bool,
}

/// What may be written next.
enum Word {
    Line(String),
    /// No process can be added any more.
    Closed,
}

/// Until everything that is watched has ended, and stdin too when it is read.
///
/// # Errors
/// `bad-pid`, `cannot-watch`, `stdout`.
pub fn run(options: &Options) -> Result<ExitCode, NativeError> {
    let (say, said) = channel();
    let pushes = say.clone();
    let watcher = Watcher::start(move |died| {
        let _ = pushes.send(Word::Line(line(&Push::Died(died))));
    })
    .map_err(|error| cannot(&error))?;
    let forest = Forest::new(proc::all());
    let mut open = 0;
    for given in &options.processes {
        let (name, pid) = proc::given(given)?;
        let there = proc::mark(pid)
            .map(|process| watcher.add(&name, &process).map(|found| (process, found)));
        let told = match there.transpose().map_err(|error| cannot(&error))? {
            None | Some((_, Watching::Gone)) => json!({ "gone": &*name }),
            Some((process, Watching::Since)) => {
                open += 1;
                let descendants = forest.tree(pid).len().saturating_sub(1);
                json!({ "watching": { "name": &*name, "process": process, "descendants": descendants } })
            }
        };
        let _ = say.send(Word::Line(told.to_string()));
    }
    if options.stdin {
        thread::spawn(move || listen(&watcher, &say));
        return write(&said, usize::MAX);
    }
    if open == 0 {
        let _ = say.send(Word::Closed);
    }
    let code = write(&said, open);
    drop(watcher);
    code
}

/// Writes what comes, until so many have died or all is said.
fn write(said: &Receiver<Word>, mut open: usize) -> Result<ExitCode, NativeError> {
    let mut out = io::stdout().lock();
    for word in said {
        let Word::Line(line) = word else { break };
        let written = writeln!(out, "{line}").and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => break,
            Err(error) => {
                return Err(NativeError::new(
                    "stdout",
                    format!("cannot write to stdout: {error}"),
                    "",
                ));
            }
            Ok(()) => {}
        }
        if line.starts_with(r#"{"push":"#) {
            open -= 1;
        }
        if open == 0 {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn listen(watcher: &Watcher, say: &Sender<Word>) {
    for read in io::stdin().lock().split(b'\n') {
        let Ok(read) = read else { break };
        if read.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let answer = match read_request(&read) {
            Ok(asked) => answer(watcher, asked.id, asked.request),
            Err((id, error)) => line(&AnswerLine::<Nothing>::new(id, Err(error))),
        };
        let _ = say.send(Word::Line(answer));
    }
    let _ = say.send(Word::Closed);
}

fn answer(watcher: &Watcher, id: u64, request: Request) -> String {
    match request {
        Request::WatchAdd(asked) => {
            line(&AnswerLine::<WatchAdded>::new(id, watcher.add_all(&asked)))
        }
        Request::WatchRemove(asked) => {
            asked.names.iter().for_each(|name| watcher.remove(name));
            line(&AnswerLine::new(id, Ok(Nothing {})))
        }
        _ => {
            let error = NativeError::new(
                "not-here",
                "watch answers watch.add and watch.remove",
                "hms-native serve",
            );
            line(&AnswerLine::<Nothing>::new(id, Err(error)))
        }
    }
}

fn line(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}
