use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::*;
use crate::contract::bounded::Whole;

/// A process of the test's own, killed with it.
struct Sleeper(Child);

impl Sleeper {
    fn start() -> Self {
        Sleeper(Command::new("sleep").arg("1000").spawn().unwrap())
    }

    fn pid(&self) -> i32 {
        i32::try_from(self.0.id()).unwrap()
    }

    fn mark(&self) -> ProcessMark {
        proc::mark(self.pid()).unwrap()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn watcher() -> (Watcher, Receiver<Died>) {
    let (tell, told) = channel();
    let watcher = Watcher::start(move |died| tell.send(died).unwrap_or(())).unwrap();
    (watcher, told)
}

const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_death_is_told_once_with_its_name_also_of_a_zombie() {
    let (watcher, told) = watcher();
    let mut one = Sleeper::start();
    let two = Sleeper::start();
    let mark = one.mark();
    assert_eq!(watcher.add("one", &mark).unwrap(), Watching::Since);
    assert_eq!(watcher.add("two", &two.mark()).unwrap(), Watching::Since);
    one.0.kill().unwrap();
    let death = told.recv_timeout(SOON).unwrap();
    assert_eq!((death.name.as_str(), death.process), ("one", mark));
    one.0.wait().unwrap();
    assert!(told.recv_timeout(Duration::from_millis(50)).is_err());
    assert_eq!(watcher.count(), 1);
}

#[test]
fn what_is_gone_or_another_is_not_watched() {
    let (watcher, _told) = watcher();
    let mut sleeper = Sleeper::start();
    let mut other = sleeper.mark();
    other.born = "1".to_owned().try_into().unwrap();
    assert_eq!(watcher.add("other", &other).unwrap(), Watching::Gone);
    let mark = sleeper.mark();
    sleeper.0.kill().unwrap();
    sleeper.0.wait().unwrap();
    assert_eq!(watcher.add("ended", &mark).unwrap(), Watching::Gone);
    other.pid = Whole::near(i32::MAX as u64);
    assert_eq!(watcher.add("none", &other).unwrap(), Watching::Gone);
    assert_eq!(watcher.count(), 0);
}

#[test]
fn what_was_removed_is_not_told() {
    let (watcher, told) = watcher();
    let mut gone = Sleeper::start();
    let mut kept = Sleeper::start();
    watcher.add("gone", &gone.mark()).unwrap();
    watcher.add("kept", &kept.mark()).unwrap();
    watcher.remove("gone");
    gone.0.kill().unwrap();
    kept.0.kill().unwrap();
    assert_eq!(told.recv_timeout(SOON).unwrap().name, "kept");
    assert!(told.try_recv().is_err());
}

#[test]
fn one_process_may_have_two_names_and_a_name_one_process() {
    let (watcher, told) = watcher();
    let mut sleeper = Sleeper::start();
    let other = Sleeper::start();
    watcher.add("a", &other.mark()).unwrap();
    for name in ["a", "b"] {
        watcher.add(name, &sleeper.mark()).unwrap();
    }
    sleeper.0.kill().unwrap();
    let mut names = [
        told.recv_timeout(SOON).unwrap().name,
        told.recv_timeout(SOON).unwrap().name,
    ];
    names.sort();
    assert_eq!(names, ["a", "b"]);
}

#[test]
fn it_ends_with_its_owner() {
    let (watcher, told) = watcher();
    drop(watcher);
    // The thread let go of its sender.
    assert!(told.recv_timeout(SOON).is_err());
}
