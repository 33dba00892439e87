/**
 * What is said between hms-tui and its native helper: one JSON object a line over the helper's stdin and stdout, UTF-8,
 * at most MAX_LINE bytes. The helper's own half is `native/src/contract`; both halves read the vectors of
 * `native/vectors`, and `schema/native.schema.json` is made from this file.
 *
 *   request   {"id": 7, "do": "chaos.inject", "with": {…}}
 *   answer    {"id": 7, "ok": true, "result": {…}}  |  {"id": 7, "ok": false, "error": {code, message, remedy}}
 *   push      {"push": "fault", "with": {…}}
 *
 * The pipe is the lease: when it closes, every effect is taken back. Names are snake_case where they are data, as
 * serde writes them; times are ms of the wall clock (`_at`) or spans in ms (`_ms`), sizes are bytes.
 */
import * as z from 'zod';

export const NATIVE_PROTOCOL = 1;

const text = z.string().max(4096);
const ms = z.int().min(0);
const count = z.int().min(0);

/** A process that cannot be mistaken for another: its pid, and when it was born as `readBirth` says it. */
export const ProcessMark = z.strictObject({
  pid: z.int().positive().max(0x7fff_ffff),
  born: z.string().min(1).max(64),
});
export type ProcessMark = z.infer<typeof ProcessMark>;

const Named = z.strictObject({ name: z.string().min(1).max(200), process: ProcessMark });

/** One thing this machine can or cannot do, and by which mechanism. */
export const Capability = z.strictObject({
  name: z.string().min(1).max(64),
  available: z.boolean(),
  /** The one that would be used: `ptrace`, `sigstop`, `nftables`, `proxy`…; '' when there is none. */
  mechanism: z.string().max(64),
  /** Whether that mechanism needs root or a capability of the kernel's. */
  privileged: z.boolean(),
  /** Who takes the effect back when everyone of ours is dead. */
  revert: z.enum(['kernel', 'guardian', 'none']),
  /** Why it is not available, or what is weaker than it could be; '' otherwise. */
  because: text,
  remedy: text,
});

/** Which way bytes go: `up` from the agent, `down` to it. */
const Direction = z.enum(['up', 'down', 'both']);
/** The share of connections it is done to, of those opened or open: 0 to 1. */
const toxicity = z.number().min(0).max(1).default(1);
const toxic = { proxy: z.string().min(1).max(200), direction: Direction.default('both'), toxicity };

/** What is broken. Each names what it is done to by the scope's names, or by a proxy's name. */
export const Fault = z.discriminatedUnion('fault', [
  /** Threads that compute, pinned to the target's cores (or any), `load` percent of each of `cores`. */
  z.strictObject({
    fault: z.literal('cpu'),
    cores: count.default(1),
    load: z.int().min(1).max(100).default(100),
  }),
  /** Touched memory: `bytes` of it, never past the floor of the scope's limits. */
  z.strictObject({ fault: z.literal('memory'), bytes: count }),
  z.strictObject({
    fault: z.literal('kill'),
    signal: z.enum(['KILL', 'TERM', 'INT', 'HUP', 'QUIT', 'SEGV', 'ABRT']).default('KILL'),
    /** Its descendants too. */
    tree: z.boolean().default(false),
  }),
  /** Every thread of it stands still. */
  z.strictObject({ fault: z.literal('pause'), tree: z.boolean().default(false) }),
  /** Killed again `after_ms` after each time it came back, for as long as the fault lasts. */
  z.strictObject({ fault: z.literal('crash_loop'), after_ms: ms.default(0) }),
  z.strictObject({ fault: z.literal('net_delay'), ...toxic, delay_ms: ms, jitter_ms: ms.default(0) }),
  /** Chunks held back as TCP holds back what was lost: `percent` of them wait one retransmission time. */
  z.strictObject({ fault: z.literal('net_loss'), ...toxic, percent: z.number().min(0).max(100) }),
  z.strictObject({ fault: z.literal('net_bandwidth'), ...toxic, bytes_per_s: z.int().positive() }),
  /** Connections are reset: those open now and those that come. */
  z.strictObject({ fault: z.literal('net_reset'), ...toxic, after_ms: ms.default(0) }),
  /** Bytes vanish, connections stay open. */
  z.strictObject({ fault: z.literal('net_drop'), ...toxic }),
  /** Nothing in, nothing out: by nftables in the target's own network namespace, else by its proxies. */
  z.strictObject({ fault: z.literal('net_partition') }),
  /** An unlinked file of so many bytes in this folder's file system, never past the floor. */
  z.strictObject({ fault: z.literal('disk_fill'), path: text.min(1), bytes: count }),
  z.strictObject({ fault: z.literal('io_delay'), path: text.min(1), delay_ms: ms }),
  /** The target may open only `left` more files. */
  z.strictObject({ fault: z.literal('fd_exhaust'), left: count.default(0) }),
  /** Resizes and redraws at this rate on the target's terminal. */
  z.strictObject({ fault: z.literal('pty_storm'), per_s: z.int().min(1).max(10_000).default(100) }),
  /** Lines printed into the target's pane at this rate. */
  z.strictObject({ fault: z.literal('output_flood'), bytes_per_s: z.int().positive().default(10_000_000) }),
  /** A control client of the target's tmux stops reading. */
  z.strictObject({ fault: z.literal('client_stall') }),
  /** Children that are started through us see a clock that is so far off; may be negative. */
  z.strictObject({ fault: z.literal('clock_skew'), offset_ms: z.int() }),
  /** The target is killed and the news of it never arrives: tmux's hook is gone meanwhile. */
  z.strictObject({ fault: z.literal('lost_death') }),
]);
export type Fault = z.infer<typeof Fault>;

export const Injection = z.strictObject({
  /** Chosen by the caller; one fault an id. */
  id: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
  fault: Fault,
  /** Names of the scope. */
  targets: z.array(z.string().min(1).max(200)).max(256),
  for_ms: z.int().positive(),
  seed: z.int().min(0).default(0),
});
export type Injection = z.infer<typeof Injection>;

const Target = z.strictObject({
  name: z.string().min(1).max(200),
  kind: z.enum(['agent', 'service', 'engine', 'tmux', 'client']),
  process: ProcessMark,
  /** Its terminal, for faults on the pane; '' for none. */
  tty: z.string().max(200).default(''),
  /** Its pane in tmux; '' for none. */
  pane: z.string().max(32).default(''),
});

/** What may be touched, and how far. Nothing that is not named here ever is. */
export const Scope = z.strictObject({
  /** Where the undo journal is: a folder of the fleet's own. */
  folder: text.min(1),
  /** While this file exists nothing is injected, and what is injected is taken back. */
  halt_file: text.min(1),
  targets: z.array(Target).max(1024),
  /** The server's socket, for faults that tmux itself is asked for; '' for none. */
  tmux_socket: text.default(''),
  /** Proxies that may be harmed, and whose they are: a fault on one is a fault on that target, which must be named. */
  proxies: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(200),
        /** As `proxy.open` answered. */
        control: text.min(1),
        /** A name of the targets; '' when it is nobody's. */
        target: z.string().max(200).default(''),
      }),
    )
    .max(1024)
    .default([]),
  /** Folders under which files may be filled or slowed. */
  paths: z.array(text.min(1)).max(64).default([]),
  limits: z
    .strictObject({
      /** Of the targets of kind agent, at most so many percent at once; one at least. */
      targets_percent: z.int().min(1).max(100).default(34),
      /** Memory and disk that stay free: the larger of the bytes and the percent. */
      memory_floor: count.default(512 * 1024 * 1024),
      memory_floor_percent: z.int().min(1).max(100).default(10),
      disk_floor: count.default(1024 * 1024 * 1024),
      disk_floor_percent: z.int().min(1).max(100).default(5),
      /** Cores that are left alone. */
      cores_left: count.default(1),
      /** No fault lasts longer; 300 s at most. */
      longest_ms: z.int().positive().max(300_000).default(30_000),
      /** No fault begins when some tasks stalled for longer than this share of the last 10 s (PSI). */
      pressure_percent: z.number().min(0).max(100).default(40),
    })
    .prefault({}),
  /** A caller that says nothing for so long has hung: as if the pipe had closed. 0: only the pipe counts. */
  lease_ms: ms.default(2000),
});
export type Scope = z.infer<typeof Scope>;

/** What an injection would do, exactly; asked before, and told with the answer to it. */
export const Plan = z.strictObject({
  id: z.string(),
  mechanism: z.string(),
  privileged: z.boolean(),
  /** One sentence or system call each, in order. */
  effects: z.array(text),
  /** How each is taken back, in order, and by whom when all of us are dead. */
  reverts: z.array(z.strictObject({ what: text, by: z.enum(['kernel', 'guardian', 'nobody']) })),
  /** It ends by itself at the latest after so long, ms. */
  ends_within_ms: ms,
  /** Why it would be refused now; '' when it would not be. */
  refused: text,
  remedy: text,
});
export type Plan = z.infer<typeof Plan>;

export const FAULT_PHASES = ['journalled', 'applied', 'reverting', 'reverted', 'failed'] as const;

/** Where an injection stands. `reverted` is said only when a probe has seen that nothing is left. */
export const FaultState = z.strictObject({
  id: z.string(),
  phase: z.enum(FAULT_PHASES),
  at: ms,
  /** Why it is in this phase: `time`, `halt`, `pipe`, `lease`, `guardian`, `recovered`, or an error's code. */
  because: text,
  /** What was measured: percent of CPU reached, bytes taken, processes hit… */
  detail: z.record(z.string(), z.union([z.number(), z.string()])),
  /** What the probe still found; empty when all is as before. */
  residues: z.array(text),
});
export type FaultState = z.infer<typeof FaultState>;

/** One look at a process tree. */
const TreeSample = z.strictObject({
  name: z.string(),
  /** CPU time used so far by what lives, and by children it has outlived, ms. */
  cpu_ms: z.number().min(0),
  rss: count,
  threads: count,
  processes: count,
  /** null where it may not be read. */
  fds: count.nullable(),
  read_bytes: count.nullable(),
  write_bytes: count.nullable(),
});

/** Percent of the last 10 s in which some tasks stood still for lack of it (PSI); null where the kernel does not say. */
const Pressure = z.strictObject({
  cpu: z.number().nullable(),
  memory: z.number().nullable(),
  io: z.number().nullable(),
});

export const ProxyAddress = z.union([
  z.strictObject({ tcp: z.string().min(1).max(300) }),
  z.strictObject({ unix: text.min(1) }),
]);

const Nothing = z.strictObject({});
const Ok = z.strictObject({});

/** Requests: name → [what comes with it, what is answered]. */
export const NATIVE_REQUESTS = {
  /** First on every pipe. */
  hello: {
    with: z.strictObject({ protocol: z.int(), client: z.string().max(64) }),
    result: z.strictObject({
      protocol: z.int(),
      version: z.string(),
      os: z.string(),
      arch: z.string(),
      capabilities: z.array(Capability),
    }),
  },
  ping: { with: Nothing, result: Ok },
  'watch.add': {
    with: z.strictObject({ processes: z.array(Named).max(1024) }),
    /** Names of those that were gone before they could be watched: no push follows for them. */
    result: z.strictObject({ gone: z.array(z.string()) }),
  },
  'watch.remove': { with: z.strictObject({ names: z.array(z.string()) }), result: Ok },
  'top.sample': {
    with: z.strictObject({ roots: z.array(Named).max(1024) }),
    result: z.strictObject({ at: ms, samples: z.array(TreeSample), pressure: Pressure }),
  },
  /** Follows a file by name through rotation and truncation, from byte `from` (-1: from its end). */
  'tail.add': {
    with: z.strictObject({
      name: z.string().min(1).max(200),
      path: text.min(1),
      from: z.int().min(-1).default(-1),
    }),
    result: Ok,
  },
  'tail.remove': { with: z.strictObject({ name: z.string() }), result: Ok },
  /**
   * A userspace proxy that passes everything through until a fault is injected into it: a process of its own that
   * outlives this pipe for as long as its owner lives or something is connected to it. One that is there already, of that
   * name and folder and with that upstream, is taken over with all its connections.
   */
  'proxy.open': {
    with: z.strictObject({
      name: z.string().min(1).max(200),
      /** Of the fleet's own: the proxy's control socket is there. */
      folder: text.min(1),
      listen: ProxyAddress,
      upstream: ProxyAddress,
      /** It goes on listening for as long as this process lives. */
      owner: ProcessMark.nullable().default(null),
    }),
    result: z.strictObject({
      /** Where it listens: the port is chosen when 0 was asked for. Loopback only. */
      listen: ProxyAddress,
      /** Its control socket: the same for the same name and folder. */
      control: text.min(1),
      /** It was there already. */
      adopted: z.boolean(),
    }),
  },
  /** It listens no more; what is connected is passed on until it ends. */
  'proxy.close': { with: z.strictObject({ name: z.string() }), result: Ok },
  /** What may be touched from now on; once a pipe. Leftovers of earlier lives in its folder are taken back first. */
  'chaos.open': { with: Scope, result: z.strictObject({ recovered: z.array(FaultState) }) },
  /**
   * New incarnations of names the scope has already, told when someone was started anew: a crash loop kills them too,
   * other faults leave them alone.
   */
  'chaos.retarget': { with: z.strictObject({ targets: z.array(Target).max(1024) }), result: Ok },
  'chaos.plan': { with: Injection, result: Plan },
  /** Answered when the effect is there; `fault` pushes tell the rest. */
  'chaos.inject': { with: Injection, result: Plan },
  /** Takes these back (all when empty), and answers when it is proven. */
  'chaos.halt': {
    with: z.strictObject({ ids: z.array(z.string()).default([]), because: text.default('halt') }),
    result: z.strictObject({ faults: z.array(FaultState) }),
  },
  'chaos.status': { with: Nothing, result: z.strictObject({ faults: z.array(FaultState) }) },
} as const;

export type NativeRequest = keyof typeof NATIVE_REQUESTS;

/** Pushes: name → what comes with it. */
export const NATIVE_PUSHES = {
  died: z.strictObject({ name: z.string(), process: ProcessMark, at: ms }),
  lines: z.strictObject({ name: z.string(), lines: z.array(z.string()), dropped: count }),
  fault: FaultState,
} as const;

export const NativeError = z.strictObject({ code: z.string().max(64), message: text, remedy: text });
