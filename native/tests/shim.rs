//! Programs started by `hms-native run`: the real binary, real programs of this system, and faults in them.
#![cfg(target_os = "linux")]
// Beds are shared by several programs of tests, and none needs all of one.
#[allow(dead_code)]
mod chaos_bed;

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use chaos_bed::{Folder, Helper, LONG_MS, PROGRAM, Victim, eventually, injection, recover, scope};
use serde_json::{Value, json};

const DAY: u64 = 86_400;

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

fn through(folder: &Folder, args: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("run").args(args);
    command
        .env("XDG_CACHE_HOME", folder.path("cache"))
        .stdin(Stdio::null());
    command
}

fn output(folder: &Folder, args: &[&str]) -> Output {
    through(folder, args).output().unwrap()
}

#[test]
fn a_clock_is_off_for_all_that_is_started_by_a_command_and_for_nobody_else() {
    let folder = Folder::new();
    let told = |args: &[&str]| -> u64 {
        let output = output(&folder, args);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap()
    };
    let (before, ahead) = (
        now(),
        told(&["--clock-skew", "+3d", "--", "sh", "-c", "date +%s"]),
    );
    assert!(
        (before + 3 * DAY..=now() + 3 * DAY).contains(&ahead),
        "{ahead}"
    );
    let (before, behind) = (now(), told(&["--clock-skew=-2h", "--", "date", "+%s"]));
    assert!((before - 7200..=now() - 7200).contains(&behind), "{behind}");
    let (before, right) = (now(), told(&["--", "date", "+%s"]));
    assert!((before..=now()).contains(&right), "{right}");
}

#[test]
fn a_command_is_run_as_it_is_with_its_own_end() {
    let folder = Folder::new();
    assert_eq!(
        output(&folder, &["--", "sh", "-c", "exit 7"]).status.code(),
        Some(7)
    );
    assert_eq!(
        output(&folder, &["--", "sh", "-c", "kill -TERM $$"])
            .status
            .signal(),
        Some(15)
    );
    let missing = output(&folder, &["--", "no-such-program"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&missing.stderr).contains("no-such-program"),
        "{missing:?}"
    );
    let echo = output(
        &folder,
        &[
            "--",
            "sh",
            "-c",
            "echo \"$0\" \"$@\"",
            "a b",
            "--clock-skew",
        ],
    );
    assert_eq!(String::from_utf8_lossy(&echo.stdout), "a b --clock-skew\n");
    // Not a word of ours, nor of the loader's.
    assert_eq!(String::from_utf8_lossy(&echo.stderr), "");
}

#[test]
fn what_lies_in_the_cache_is_not_taken_on_trust() {
    let folder = Folder::new();
    assert!(output(&folder, &["--", "true"]).status.success());
    let cache = folder.path("cache/hms-native");
    let library = fs::read_dir(&cache)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let whole = fs::read(&library).unwrap();
    fs::write(&library, "something else").unwrap();
    let (before, behind) = (
        now(),
        output(&folder, &["--clock-skew=-1d", "--", "date", "+%s"]),
    );
    let behind: u64 = String::from_utf8(behind.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(behind <= now() - DAY && behind >= before - DAY);
    assert_eq!(fs::read(&library).unwrap(), whole);
    let spaced = through(&folder, &["--", "true"])
        .env("XDG_CACHE_HOME", folder.path("two words"))
        .output()
        .unwrap();
    assert!(
        String::from_utf8_lossy(&spaced.stderr).contains("XDG_CACHE_HOME"),
        "{spaced:?}"
    );
}

/// Tells the time again and again, as its children see it, and reads a file of `data` each time.
fn teller(folder: &Folder) -> Victim {
    fs::create_dir(folder.path("data")).unwrap();
    fs::write(folder.path("data/file"), "x").unwrap();
    let script =
        "while :; do cat data/file > /dev/null; date +%s > new; mv new told; sleep 0.01; done";
    let child = through(folder, &["--", "sh", "-c", script])
        .current_dir(folder.path(""))
        .stderr(Stdio::null())
        .spawn();
    let victim = Victim::of(child.unwrap());
    eventually("it tells", || folder.has("told"));
    victim
}

fn told(folder: &Folder) -> u64 {
    fs::read_to_string(folder.path("told"))
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

fn inject(folder: &Folder, victim: &Victim, fault: &Value) -> Helper {
    let mut helper = Helper::open(&scope(folder, &[("v", victim.pid())]));
    helper.inject("it", fault, "v", LONG_MS);
    helper
}

/// Takes it back in each way there is, and looks that it was there before and is not afterwards.
fn in_every_way(folder: &Folder, victim: &Victim, fault: &Value, is_there: impl Fn() -> bool) {
    for way in ["halt", "controller", "guardian", "all"] {
        let mut helper = inject(folder, victim, fault);
        eventually("the effect is there", &is_there);
        match way {
            "halt" => {
                let halted = helper.ask("chaos.halt", &json!({})).unwrap();
                assert_eq!(halted["faults"][0]["phase"], "reverted", "{halted}");
            }
            "controller" => helper.signal("KILL"),
            "guardian" => helper.guardian().signal("KILL"),
            // Nobody is left, and nobody comes: the lease is over by itself.
            _ => helper.kill_all(),
        }
        eventually(&format!("nothing is left: {way}"), || !is_there());
        if way != "all" {
            eventually("the journal is gone", || !folder.has("undo-it.jsonl"));
        }
    }
    recover(folder);
    assert!(!folder.has("undo-it.jsonl"));
}

#[test]
fn a_clock_goes_off_and_comes_back_whoever_is_killed() {
    let folder = Folder::new();
    let victim = teller(&folder);
    let fault = json!({ "fault": "clock_skew", "offset_ms": -i64::try_from(DAY).unwrap() * 1000 });
    in_every_way(&folder, &victim, &fault, || told(&folder) < now() - DAY / 2);
}

#[test]
fn files_become_slow_and_fast_again_whoever_is_killed() {
    let folder = Folder::new();
    let victim = teller(&folder);
    // So slow that it stands still.
    let fault = json!({ "fault": "io_delay", "path": folder.path("data"), "delay_ms": 20_000 });
    let stands = || {
        let before = fs::metadata(folder.path("told")).and_then(|about| about.modified());
        std::thread::sleep(std::time::Duration::from_millis(400));
        let after = fs::metadata(folder.path("told")).and_then(|about| about.modified());
        before.ok() == after.ok()
    };
    in_every_way(&folder, &victim, &fault, stands);
}

#[test]
fn only_what_was_started_so_has_such_a_clock() {
    let folder = Folder::new();
    let stranger = Victim::idle();
    let started = teller(&folder);
    let child = chaos_bed::children(started.pid()).first().copied();
    let both = [("stranger", stranger.pid()), ("v", started.pid())];
    let mut helper = Helper::open(&scope(&folder, &both));
    let plan = |helper: &mut Helper, target: &str, fault: Value| {
        let asked = injection("it", &fault, target, 100);
        helper.ask("chaos.plan", &asked).unwrap()["refused"].to_string()
    };
    let skew = || json!({ "fault": "clock_skew", "offset_ms": 1000 });
    assert!(plan(&mut helper, "stranger", skew()).contains("not started through this helper"));
    assert_eq!(plan(&mut helper, "v", skew()), "\"\"", "{child:?}");
    let nothing = json!({ "fault": "clock_skew", "offset_ms": 0 });
    assert!(plan(&mut helper, "v", nothing).contains("off by nothing"));
    let far = json!({ "fault": "clock_skew", "offset_ms": i64::MAX });
    assert!(plan(&mut helper, "v", far).contains("too far off"));
    let elsewhere = json!({ "fault": "io_delay", "path": "/usr", "delay_ms": 1 });
    assert!(plan(&mut helper, "v", elsewhere).contains("none of the scope's paths"));
}
