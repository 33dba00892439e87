//! A helper, victims and a folder for the tests of chaos; all are gone afterwards, even when a test fails.
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_hms-native");

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

/// Of a fault that something else than its time must end: longer than anybody waits for that.
pub const LONG_MS: u64 = 60_000;

pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("hms-chaos-{}-{number}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    pub fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Something is done to it.
pub struct Victim {
    child: Child,
    /// Soft limit of open files at its start.
    pub files: u64,
}

impl Victim {
    pub fn of(child: Child) -> Self {
        let files = files(child.id());
        Self { child, files }
    }

    pub fn idle() -> Self {
        let child = Command::new("sleep")
            .arg("1000")
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        eventually("it sleeps", || {
            fs::read_to_string(format!("/proc/{}/comm", child.id()))
                .is_ok_and(|name| name == "sleep\n")
        });
        Self::of(child)
    }

    /// Has children come and go, so that it is never long in one state.
    pub fn busy() -> Self {
        let child = Command::new("sh")
            .args(["-c", "while :; do sleep 0.02; done"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self::of(child.unwrap())
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process found by its pid, for signals of the test's own.
pub struct Found(pub u32);

impl Found {
    pub fn signal(&self, name: &str) {
        let _ = Command::new("kill")
            .args([&format!("-{name}"), &self.0.to_string()])
            .status();
    }
}

pub struct Helper {
    child: Child,
    stdin: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
    last: u64,
    told: Vec<Value>,
}

impl Helper {
    pub fn start() -> Self {
        let mut child = Command::new(PROGRAM)
            .arg("serve")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, out) = (
            child.stdin.take(),
            BufReader::new(child.stdout.take().unwrap()),
        );
        let (pid, birth) = (child.id(), born(child.id()));
        std::thread::spawn(move || {
            sleep(PATIENCE);
            if born(pid) == birth {
                Found(pid).signal("KILL");
            }
        });
        let mut helper = Self {
            child,
            stdin,
            out,
            last: 0,
            told: Vec::new(),
        };
        helper
            .ask("hello", &json!({ "protocol": 1, "client": "test" }))
            .unwrap();
        helper
    }

    /// One that may touch what this scope says.
    pub fn open(scope: &Value) -> Self {
        let mut helper = Self::start();
        helper.ask("chaos.open", scope).unwrap();
        helper
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns when the effect is there; its plan.
    pub fn inject(&mut self, id: &str, fault: &Value, target: &str, for_ms: u64) -> Value {
        self.ask("chaos.inject", &injection(id, fault, target, for_ms))
            .unwrap()
    }

    pub fn ask(&mut self, name: &str, with: &Value) -> Result<Value, Value> {
        self.last += 1;
        let line = json!({ "id": self.last, "do": name, "with": with });
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
        loop {
            let message = self.read().expect("the helper ended");
            if message["id"] == self.last {
                return if message["ok"] == true {
                    Ok(message["result"].clone())
                } else {
                    Err(message["error"].clone())
                };
            }
        }
    }

    /// Several at once, without waiting for answers.
    pub fn say(&mut self, requests: &[(&str, Value)]) {
        let mut text = String::new();
        for (name, with) in requests {
            self.last += 1;
            text += &json!({ "id": self.last, "do": name, "with": with }).to_string();
            text.push('\n');
        }
        self.stdin
            .as_mut()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    }

    /// Its last state.
    pub fn until_over(&mut self, id: &str) -> Value {
        let over = |state: &&Value| {
            state["id"] == id && (state["phase"] == "reverted" || state["phase"] == "failed")
        };
        loop {
            if let Some(state) = self.told.iter().find(over) {
                return state.clone();
            }
            self.read().expect("the helper ended");
        }
    }

    /// Closes its stdin; the code it ends with.
    pub fn hang_up(&mut self) -> Option<i32> {
        drop(self.stdin.take());
        self.child.wait().unwrap().code()
    }

    pub fn signal(&self, name: &str) {
        Found(self.child.id()).signal(name);
    }

    pub fn guardian(&self) -> Found {
        Found(children(self.child.id())[0])
    }

    /// kill -9 of controller, guardian and actor.
    pub fn kill_all(&mut self) {
        let guardian = self.guardian();
        let actor = Found(children(guardian.0)[0]);
        let all = [Found(self.child.id()), guardian, actor];
        let births: Vec<String> = all.iter().map(|one| born(one.0)).collect();
        let pids: Vec<String> = all.iter().map(|one| one.0.to_string()).collect();
        // Who dies with another may be gone before its own signal.
        let _ = Command::new("kill")
            .arg("-KILL")
            .args(&pids)
            .stderr(Stdio::null())
            .status();
        self.child.wait().unwrap();
        for (one, birth) in all.iter().zip(births) {
            eventually("all are dead", || {
                born(one.0) != birth || state(one.0) == 'Z'
            });
        }
    }

    fn read(&mut self) -> Option<Value> {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        let message: Value = serde_json::from_str(&line).ok()?;
        if message["push"] == "fault" {
            self.told.push(message["with"].clone());
        }
        Some(message)
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.signal("CONT");
        }
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}

/// What may be touched: these, and nothing that depends on how busy this machine is.
pub fn scope(folder: &Folder, targets: &[(&str, u32)]) -> Value {
    let targets: Vec<Value> = targets
        .iter()
        .map(|(name, pid)| target(name, *pid))
        .collect();
    let limits = json!({ "pressure_percent": 100, "longest_ms": LONG_MS });
    json!({
        "folder": folder.path(""), "halt_file": folder.path("halt"), "targets": targets,
        "paths": [folder.path("")], "limits": limits, "lease_ms": 0,
    })
}

pub fn target(name: &str, pid: u32) -> Value {
    json!({ "name": name, "kind": "service", "process": { "pid": pid, "born": born(pid) } })
}

pub fn injection(id: &str, fault: &Value, target: &str, for_ms: u64) -> Value {
    json!({ "id": id, "fault": fault, "targets": [target], "for_ms": for_ms })
}

/// As the next start does: nothing stays.
pub fn recover(folder: &Folder) {
    let told = Command::new(PROGRAM)
        .arg("recover")
        .arg(folder.path(""))
        .output()
        .unwrap();
    assert!(told.status.success(), "{told:?}");
}

fn stat(pid: u32) -> Vec<String> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    rest.split_ascii_whitespace().map(str::to_owned).collect()
}

/// The letter of ps(1); a space for nobody.
pub fn state(pid: u32) -> char {
    stat(pid)
        .first()
        .and_then(|state| state.chars().next())
        .unwrap_or(' ')
}

pub fn born(pid: u32) -> String {
    stat(pid).get(19).cloned().unwrap_or_default()
}

/// Soft limit of open files; 0 for nobody.
pub fn files(pid: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/limits")).unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// Those who sleep with this limit of open files.
pub fn sleepers(limit: u64) -> Vec<u32> {
    let named = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "sleep\n")
    };
    processes()
        .into_iter()
        .filter(|pid| files(*pid) == limit)
        .filter(named)
        .collect()
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap();
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .collect()
}

pub fn children(pid: u32) -> Vec<u32> {
    processes()
        .into_iter()
        .filter(|one| stat(*one).get(1) == Some(&pid.to_string()))
        .collect()
}

/// Waits for it.
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "in vain: {what}");
        sleep(Duration::from_millis(5));
    }
}
