/** Numbers both ends of a socket agree on. Apart from the schemas, so that small clients need not load them. */

/** What is said on the operators' socket: both ends fold the same events into the same state, or they do not talk. */
export const PROTOCOL = 2;

/** What is said on the agents' socket; native/src/hook speaks it too. */
export const AGENT_PROTOCOL = 1;

/** Bytes of one line that the engine reads, newline included. A longer line ends the connection with `too-large`. */
export const MAX_LINE = 1 << 20;

/**
 * Bytes of one line that a client reads. Larger, because the engine is trusted and a welcome carries the whole
 * state; still an end, so that a wrong peer cannot fill the memory.
 */
export const MAX_LINE_FROM_ENGINE = 256 << 20;

/** Levels of arrays and objects in one message. What lies deeper is refused before anything walks it recursively. */
export const MAX_DEPTH = 64;

/** Values (numbers, strings, arrays, …) in one message; checking more with a schema would hold the engine up. */
export const MAX_VALUES = 50_000;

/** Bytes that may wait for a peer that does not read, before it is dropped. */
export const MAX_QUEUED = 8 << 20;

/** Requests of one connection that may be unanswered at the same time. */
export const MAX_OPEN = 256;

/** Time for the first request, `hello`, ms. */
export const HELLO_WITHIN_MS = 5000;

/** Longest path of a Unix socket that works everywhere, bytes (sun_path is 104 with its NUL on macOS, 108 on Linux). */
export const MAX_SOCKET_PATH = 103;
