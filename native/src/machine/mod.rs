//! What is asked of the machine: processes, clocks, room. Linux answers from /proc; elsewhere ps(1) and sysctl(8) do.
pub mod clock;
pub mod cores;
pub mod handle;
pub mod process;
pub mod room;
pub mod terminal;
pub mod tmux;
