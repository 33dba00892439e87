//! Asks again and again while the engine restarts, with the same request, so that it is one question to people.
use std::hash::{BuildHasher, Hasher, RandomState};
use std::thread;
use std::time::{Duration, Instant};

use super::link::{Code, Failure, Link, Place};
use super::parent::Parent;
use super::{Answer, Patience};

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// For a connection, and for the answer to hello.
const CONNECT: Duration = Duration::from_secs(5);

/// The engine's answer to the hook of `driver` with this payload (one line of JSON).
pub fn ask(
    place: &Place,
    driver: &str,
    payload: &str,
    patience: &Patience,
    parent: &mut Parent,
) -> Result<Answer, Failure> {
    let request = request_id(random(), random());
    let with =
        format!("{{\"driver\":\"{driver}\",\"request\":\"{request}\",\"payload\":{payload}}}");
    let connect = patience.connect.min(CONNECT);
    let within = if patience.repeat {
        patience.connect
    } else {
        Duration::ZERO
    };
    let began = Instant::now();
    let mut since: Option<Instant> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let asked = Link::open(place, connect, parent).and_then(|mut link| {
            since = None;
            pause = FIRST_PAUSE;
            link.request("hook", &with, patience.answer)
        });
        let failure = match asked {
            Ok(result) => {
                let unread = |error| {
                    Failure::new(
                        Code::Final,
                        format!("The engine's answer cannot be read: {error}"),
                    )
                };
                return serde_json::from_str(result.get()).map_err(unread);
            }
            Err(failure) => failure,
        };
        if !matches!(
            failure.code,
            Code::Unreachable | Code::Gone | Code::NoAnswer
        ) {
            return Err(failure);
        }
        let out_for = since.get_or_insert_with(Instant::now).elapsed();
        if out_for >= within
            || patience
                .in_all
                .is_some_and(|in_all| began.elapsed() >= in_all)
        {
            return Err(failure);
        }
        if parent.gone() {
            return Err(Failure::new(Code::Orphaned, "The agent has ended."));
        }
        // Half to all of it: hooks that lost the same engine do not come back all at once.
        thread::sleep(pause / 2 + pause.mul_f64(fraction(random()) / 2.0));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// From what the standard library seeds its maps with: unique is enough, it need not be secret.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[allow(clippy::cast_precision_loss)] // 2^53 is exact.
fn fraction(random: u64) -> f64 {
    (random >> 11) as f64 / (1_u64 << 53) as f64
}

/// A new request's name, `r-` and 16 characters of 80 bits, as `src/cli/request-id.ts` makes it.
fn request_id(one: u64, two: u64) -> String {
    format!("r-{}{}", half(one), half(two))
}

fn half(random: u64) -> String {
    let mut left = random & ((1 << 40) - 1);
    let mut digits = [b'0'; 8];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(left % 36).unwrap_or(0)];
        left /= 36;
    }
    String::from_utf8_lossy(&digits).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixListener;
    use std::sync::mpsc;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn an_engine_that_never_answers_is_given_up_in_all() {
        let path = std::env::temp_dir().join(format!("hms-persist-{}", std::process::id()));
        let listener = UnixListener::bind(&path).unwrap();
        let (told, asked) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                lines.next();
                stream
                    .write_all(b"{\"id\":1,\"ok\":true,\"result\":{}}\n")
                    .unwrap();
                let told = told.clone();
                thread::spawn(move || {
                    lines.for_each(|line| told.send(line.unwrap()).unwrap_or(()));
                });
            }
        });
        let patience = Patience {
            connect: 100 * MS,
            answer: Some(30 * MS),
            repeat: true,
            in_all: Some(200 * MS),
        };
        let place = Place::at(&path);
        let failure = ask(&place, "claude", "{}", &patience, &mut Parent::unwatched()).unwrap_err();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(failure.code, Code::NoAnswer);
        assert_eq!(
            failure.message,
            "The engine did not answer hook within 30 ms."
        );
        let (first, again) = (asked.recv().unwrap(), asked.recv().unwrap());
        assert!(first.contains("\"do\":\"hook\""));
        assert_eq!(first, again, "one question, asked with one name");
    }

    #[test]
    fn request_ids_are_80_bits_in_16_characters() {
        assert_eq!(request_id(0, u64::MAX), "r-00000000e13wu1of");
        assert_eq!(half(35), "0000000z");
        assert_eq!(half(36), "00000010");
    }
}
