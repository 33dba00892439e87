//! A tmux server of the test's own with one pane; gone afterwards, even when a test fails.
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::chaos_bed::{Folder, Found, born, eventually, scope};

pub const HOOK: &str = "wait-for -S hms-hint";

pub struct Tmux {
    socket: PathBuf,
    pub pane: String,
    pub tty: String,
    /// What runs in the pane.
    pub pid: u32,
    pub server: u32,
}

impl Tmux {
    /// The pane runs this; it stays when it is dead.
    pub fn start(folder: &Folder, program: &[&str]) -> Self {
        let socket = folder.path("tmux.sock");
        let mut tmux = Self {
            socket,
            pane: String::new(),
            tty: String::new(),
            pid: 0,
            server: 0,
        };
        let mut start = vec!["-f", "/dev/null", "new-session", "-d", "-s", "fleet"];
        start.extend(["-x", "100", "-y", "30"]);
        start.extend(program);
        start.extend([";", "set", "-gw", "remain-on-exit", "on"]);
        start.extend([";", "set-hook", "-g", "pane-died", HOOK]);
        tmux.tell(&start);
        let told = tmux.tell(&[
            "list-panes",
            "-a",
            "-F",
            "#{pane_id} #{pane_tty} #{pane_pid} #{pid}",
        ]);
        let words: Vec<&str> = told.split_ascii_whitespace().collect();
        words[0].clone_into(&mut tmux.pane);
        words[1].clone_into(&mut tmux.tty);
        tmux.pid = words[2].parse().unwrap();
        tmux.server = words[3].parse().unwrap();
        tmux
    }

    pub fn tell(&self, args: &[&str]) -> String {
        let output = Command::new("tmux")
            .arg("-S")
            .arg(&self.socket)
            .args(args)
            .env_remove("TMUX")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "tmux {args:?}: {words}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What pane-died does, one line each.
    pub fn hooks(&self) -> Vec<String> {
        let told = self.tell(&["show-hooks", "-gw", "pane-died"]);
        let lines = told.lines().filter(|line| line.contains('['));
        lines.map(str::to_owned).collect()
    }

    /// tmux 3.3a loses some deaths all by itself; this makes it look again.
    pub fn nudge(&self) {
        Found(self.server).signal("CHLD");
    }

    pub fn history(&self) -> String {
        self.tell(&["capture-pane", "-p", "-S", "-", "-t", &self.pane])
    }

    /// Of the pane's terminal, as the kernel has it.
    pub fn size(&self) -> String {
        let output = Command::new("stty")
            .args(["-F", &self.tty, "size"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What may be touched: the pane's program as `v`, and the server as `tmux`.
    pub fn scope(&self, folder: &Folder) -> Value {
        let mut scope = scope(folder, &[("v", self.pid), ("tmux", self.server)]);
        scope["tmux_socket"] = json!(self.socket);
        scope["targets"][0]["tty"] = json!(self.tty);
        scope["targets"][0]["pane"] = json!(self.pane);
        scope["targets"][1]["kind"] = json!("tmux");
        scope
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = Command::new("tmux")
            .arg("-S")
            .arg(&self.socket)
            .arg("kill-server")
            .stderr(Stdio::null())
            .status();
        let (server, birth) = (self.server, born(self.server));
        if !birth.is_empty() && !std::thread::panicking() {
            eventually("the server is gone", || born(server) != birth);
        }
    }
}
