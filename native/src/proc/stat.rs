//! `/proc/PID/stat`.
use std::fs::{self, File};
use std::io::Read;

use super::Process;

/// The longest line: 52 numbers and a name of at most 64 bytes.
const LINE: usize = 2048;

pub fn read(pid: i32) -> Option<Process> {
    read_from(&format!("/proc/{pid}/stat"))
}

pub fn read_from(place: &str) -> Option<Process> {
    let mut line = [0; LINE];
    let length = File::open(place).ok()?.read(&mut line).ok()?;
    parse(&line[..length])
}

pub fn all() -> Vec<Process> {
    let Ok(folder) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter_map(read).collect()
}

/// The second field, the name, is the process's own to choose: it may hold spaces, parentheses and any bytes.
pub fn parse(line: &[u8]) -> Option<Process> {
    let open = line.iter().position(|byte| *byte == b'(')?;
    let close = line.iter().rposition(|byte| *byte == b')')?;
    let pid = std::str::from_utf8(line.get(..open)?)
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let rest = std::str::from_utf8(line.get(close + 2..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // Numbered as in proc(5), where the state is field 3.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let tick_ms = 1000 / rustix::param::clock_ticks_per_second().max(1);
    let ms = |field| Some(number(field)? * tick_ms);
    let page = u64::try_from(rustix::param::page_size()).ok()?;
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        state: fields.first()?.chars().next()?,
        born: (*fields.get(19)?).to_owned(),
        cpu_ms: ms(14)? + ms(15)?,
        children_ms: ms(16)? + ms(17)?,
        rss: number(24)? * page,
        threads: number(20),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_cannot_pose_as_fields() {
        let line = b"77 (a) Z 1 (\xff) S 5 77 70 34816 77 4194304 9 0 0 0 120 30 7 3 20 0 12 0 4242 1000 50 18446744073709551615 1";
        let found = parse(line).unwrap();
        let page = u64::try_from(rustix::param::page_size()).unwrap();
        assert_eq!((found.pid, found.parent, found.state), (77, 5, 'S'));
        assert_eq!(found.session, 70);
        assert_eq!((found.cpu_ms, found.children_ms), (1500, 100));
        assert_eq!(
            (found.threads, found.rss, found.born.as_str()),
            (Some(12), 50 * page, "4242")
        );
    }

    proptest! {
        #[test]
        fn nothing_panics(line in any::<Vec<u8>>()) {
            let _ = parse(&line);
        }

        #[test]
        fn cut_lines_are_no_process(cut in 0_usize..40) {
            let line = b"1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 1 1 1 1 20 0 1 0 5 1 1 1";
            prop_assert!(parse(&line[..cut]).is_none());
        }
    }
}
