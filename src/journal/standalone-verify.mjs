#!/usr/bin/env node
/**
 * Checks an exported event log with nothing but Node (18 or later) and this one file. It shares no code with the
 * program that wrote the log: what it relies on are RFC 6962 (hashes), RFC 8785 (canonical JSON) and
 * c2sp.org/signed-note, tlog-checkpoint and tlog-tiles.
 *
 *   node verify.mjs [DIR] [--vkey VKEY] [--old CHECKPOINT]
 *
 * Exits 0 when all is well, 1 when something was changed (the first bad event is named), 2 when it cannot read.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {{ name: string, id: string, key: import('node:crypto').KeyObject }} Verifier */
/** @typedef {{ size: number, root: Buffer }} Checkpoint */

class Bad extends Error {}
class Unreadable extends Error {}

/** @param {(string | Uint8Array)[]} parts */
function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 6962 tree, one leaf after the other: the roots of its full subtrees, largest first. */
class Tree {
  size = 0;
  /** @type {Buffer[]} */
  peaks = [];

  /** @param {Buffer} leaf */
  push(leaf) {
    let top = leaf;
    for (let n = this.size; n % 2 === 1; n = (n - 1) / 2) top = nodeHash(this.peaks.pop() ?? top, top);
    this.peaks.push(top);
    this.size += 1;
  }

  root() {
    if (this.peaks.length === 0) return sha256();
    return this.peaks.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** @param {Buffer} left @param {Buffer} right */
function nodeHash(left, right) {
  return sha256(Buffer.of(1), left, right);
}

/** RFC 8785. @param {unknown} value @returns {string} */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

/** @param {string} vkey @returns {Verifier} */
function readVkey(vkey) {
  const [, name = '', id = '', base64 = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(vkey) ?? [];
  const material = Buffer.from(base64, 'base64');
  if (material.length !== 33 || material[0] !== 1) throw new Bad(`not the vkey of an Ed25519 key: ${vkey}`);
  const expected = sha256(`${name}\n`, material).subarray(0, 4).toString('hex');
  if (expected !== id) throw new Bad(`the vkey's id ${id} is not that of its key (${expected})`);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)]);
  return { name, id, key: createPublicKey({ key: der, format: 'der', type: 'spki' }) };
}

/** The checkpoint in a signed note, once its signature is good. @param {string} note @param {Verifier} by @returns {Checkpoint} */
function readCheckpoint(note, by) {
  const blank = note.lastIndexOf('\n\n');
  const text = note.slice(0, blank + 1);
  const ours = [];
  for (const line of note.slice(blank + 2).split('\n')) {
    const [, name, base64 = ''] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    if (name !== by.name || bytes.subarray(0, 4).toString('hex') !== by.id) continue;
    if (bytes.toString('base64') !== base64) throw new Bad('a signature is not base64');
    ours.push(bytes.subarray(4));
  }
  if (blank < 0 || ours.length === 0) throw new Bad(`a checkpoint is not signed by ${by.name}`);
  if (!ours.every(signature => verify(null, Buffer.from(text), by.key, signature))) {
    throw new Bad('a checkpoint has a wrong signature');
  }
  const [origin, size = '', root = ''] = text.split('\n');
  if (origin !== by.name || !/^(0|[1-9]\d*)$/.test(size)) throw new Bad('a checkpoint is not of this log');
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

/** The path of a tile: 1234067 is x001/x234/067. @param {number} index @param {number} width */
function tileName(index, width) {
  const groups = [String(index % 1000).padStart(3, '0')];
  for (let n = Math.floor(index / 1000); n > 0; n = Math.floor(n / 1000)) {
    groups.unshift(`x${String(n % 1000).padStart(3, '0')}`);
  }
  return groups.join('/') + (width < 256 ? `.p/${width}` : '');
}

/** @param {string[]} names */
function read(...names) {
  const path = join(...names);
  if (!existsSync(path)) throw new Unreadable(`${path} is missing`);
  return readFileSync(path);
}

/** The events of a bundle in order, as bytes. @param {string} dir @param {number} size */
function* entries(dir, size) {
  for (let from = 0; from < size; from += 256) {
    const name = tileName(from / 256, Math.min(256, size - from));
    const bundle = read(dir, 'tile', 'entries', name);
    let at = 0;
    for (let index = from; index < Math.min(size, from + 256); index++) {
      const end = at + 2 <= bundle.length ? at + 2 + bundle.readUInt16BE(at) : Number.POSITIVE_INFINITY;
      if (end > bundle.length)
        throw new Bad(`event ${index + 1} is missing or cut off in tile/entries/${name}`);
      yield end === at + 2 ? read(dir, 'large', String(index)) : bundle.subarray(at + 2, end);
      at = end;
    }
    if (at !== bundle.length) throw new Bad(`tile/entries/${name} holds more than it should`);
  }
}

/** The stored hashes of a tile. @param {string} dir @param {number} level @param {number} from @param {number} width */
function tile(dir, level, from, width) {
  const hashes = read(dir, 'tile', String(level), tileName(from / 256, width));
  if (hashes.length === width * 32) return hashes;
  throw new Bad(
    `event ${from * 256 ** level + 1} on: tile ${from / 256} of level ${level} is not ${width} hashes`,
  );
}

/** The hashes above the leaves, which other tools read, are those of the leaves. @param {string} dir @param {Buffer[]} leaves */
function checkTiles(dir, leaves) {
  for (let level = 1, row = fullTiles(leaves); row.length > 0; level++, row = fullTiles(row)) {
    for (let from = 0; from < row.length; from += 256) {
      const hashes = row.slice(from, from + 256);
      if (!tile(dir, level, from, hashes.length).equals(Buffer.concat(hashes))) {
        throw new Bad(
          `event ${from * 256 ** level + 1} on: tile ${from / 256} of level ${level} is not theirs`,
        );
      }
    }
  }
}

/** The roots of every full 256 hashes. @param {Buffer[]} row */
function fullTiles(row) {
  const roots = [];
  for (let from = 0; from + 256 <= row.length; from += 256) {
    const tree = new Tree();
    for (const hash of row.slice(from, from + 256)) tree.push(hash);
    roots.push(tree.root());
  }
  return roots;
}

/** @param {Buffer} bytes @param {number} seq @param {{ hash: string, time: number }} last */
function checkEvent(bytes, seq, last) {
  let event;
  try {
    event = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Bad(`event ${seq} is not JSON`);
  }
  if (event === null || typeof event !== 'object') throw new Bad(`event ${seq} is not an event`);
  if (canonical(event) !== bytes.toString()) throw new Bad(`event ${seq} is not canonical JSON`);
  if (event.seq !== seq) throw new Bad(`in place of event ${seq} stands ${event.seq}`);
  if (event.prev !== last.hash) throw new Bad(`event ${seq} does not follow event ${seq - 1}`);
  if (!(event.time >= last.time)) throw new Bad(`event ${seq} is older than the one before it`);
  return event;
}

/** Every claim about the first events of this log is true of them. @param {Buffer[]} leaves @param {(Checkpoint & { seq: number })[]} claims */
function checkRoots(leaves, claims) {
  const tree = new Tree();
  for (const { seq, size, root } of claims.sort((a, b) => a.size - b.size)) {
    for (const leaf of leaves.slice(tree.size, size)) tree.push(leaf);
    if (tree.size !== size || !tree.root().equals(root)) {
      throw new Bad(
        seq === 0
          ? 'event 1 on: not the log of the old checkpoint'
          : `event ${seq} tells of a checkpoint of another log`,
      );
    }
  }
}

/** @param {string} dir @param {string | undefined} vkey @param {string | undefined} oldNote */
function run(dir, vkey, oldNote) {
  const by = readVkey((vkey ?? read(dir, 'vkey').toString()).trim());
  const head = readCheckpoint(read(dir, 'checkpoint').toString(), by);
  const claims = oldNote === undefined ? [] : [{ seq: 0, ...readCheckpoint(oldNote, by) }];
  if (claims[0] && claims[0].size > head.size) {
    throw new Bad(
      `event ${head.size + 1} is missing: the old checkpoint has ${claims[0].size}, this log ${head.size}`,
    );
  }
  const leaves = [];
  let last = { hash: '0'.repeat(64), time: 0 };
  let hashes = Buffer.alloc(0);
  for (const bytes of entries(dir, head.size)) {
    const index = leaves.length;
    if (index % 256 === 0) hashes = tile(dir, 0, index, Math.min(256, head.size - index));
    const leaf = sha256(Buffer.of(0), bytes);
    const at = (index % 256) * 32;
    if (!leaf.equals(hashes.subarray(at, at + 32)))
      throw new Bad(`event ${index + 1} does not have its hash`);
    const event = checkEvent(bytes, index + 1, last);
    leaves.push(leaf);
    last = { hash: leaf.toString('hex'), time: event.time };
    if (event.kind === 'journal.checkpointed')
      claims.push({ seq: event.seq, ...readCheckpoint(event.data.note, by) });
  }
  checkTiles(dir, leaves);
  checkRoots(leaves, [...claims, { seq: head.size, ...head }]);
  return `${head.size} events of ${by.name} (key ${by.id}), root ${head.root.toString('hex')}`;
}

/** @param {string[]} args */
function main(args) {
  let dir = dirname(fileURLToPath(import.meta.url));
  /** @type {string | undefined} */
  let vkey;
  /** @type {string | undefined} */
  let old;
  try {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? '';
      if (arg === '--vkey') vkey = args[++i] ?? '';
      else if (arg === '--old') old = read(args[++i] ?? '').toString();
      else dir = arg;
    }
    console.log(`good: ${run(dir, vkey, old)}`);
    if (vkey === undefined)
      console.log('signed with the key the log names itself; --vkey checks it against one you know');
    return 0;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Bad)) {
      console.error(`cannot check it: ${words}`);
      return 2;
    }
    console.log(`BAD: ${words}`);
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
