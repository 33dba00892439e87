//! What goes out: answers and pushes, whole lines, in order, without anyone waiting for the reader of the pipe.
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use serde::Serialize;

use crate::contract::error::NativeError;
use crate::contract::lines::{AnswerLine, Push};

/// Bytes that may wait for a caller that does not read. It has hung then: we end, and so do all effects.
const MAX_QUEUED: usize = 8 << 20;

/// Cheap to clone; every clone writes to the same pipe.
#[derive(Clone)]
pub struct Outbox {
    lines: Arc<Mutex<Option<Sender<Vec<u8>>>>>,
    queued: Arc<AtomicUsize>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Outbox {
    /// Starts the thread that writes. When the pipe is broken it ends the process: guardians take everything back.
    pub fn to(mut out: impl Write + Send + 'static) -> Self {
        let (lines, waiting) = channel::<Vec<u8>>();
        let queued = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&queued);
        let writer = std::thread::spawn(move || {
            for line in waiting {
                if out.write_all(&line).and_then(|()| out.flush()).is_err() {
                    std::process::exit(1);
                }
                left.fetch_sub(line.len(), Ordering::Relaxed);
            }
        });
        Self {
            lines: Arc::new(Mutex::new(Some(lines))),
            queued,
            writer: Arc::new(Mutex::new(Some(writer))),
        }
    }

    /// Answers request `id`.
    pub fn answer<T: Serialize>(&self, id: u64, outcome: Result<T, NativeError>) {
        self.line(&AnswerLine::new(id, outcome));
    }

    pub fn refuse(&self, id: u64, error: NativeError) {
        self.answer::<()>(id, Err(error));
    }

    pub fn push(&self, push: &Push) {
        self.line(push);
    }

    /// Bytes that wait: who pushes what can be left out looks here first.
    pub fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    /// Writes what waits and ends.
    pub fn close(&self) {
        drop(
            self.lines
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let writer = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer {
            let _ = writer.join();
        }
    }

    fn line(&self, message: &impl Serialize) {
        let Ok(mut line) = serde_json::to_vec(message) else {
            return;
        };
        line.push(b'\n');
        if self.queued.fetch_add(line.len(), Ordering::Relaxed) > MAX_QUEUED {
            std::process::exit(1);
        }
        if let Some(lines) = &*self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = lines.send(line);
        }
    }
}
