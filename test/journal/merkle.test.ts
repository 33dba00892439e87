import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  EMPTY_ROOT,
  fullRoot,
  type Hashes,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  TreeHead,
  verifyConsistency,
  verifyInclusion,
} from '../../src/journal/merkle.ts';

/*
 * Known answers for RFC 6962 trees, in use by Certificate Transparency implementations since its first
 * (e.g. github.com/transparency-dev/merkle, testonly/constants.go and testdata/).
 */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const LEAF_HASHES = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
  '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  '4271a26be0d8a84f0bd54c8c302e7cb3a3b5d1fa6780a40bcce2873477dab658',
  'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
  '46f6ffadd3d06a09ff3c5860d2755c8b9819db7df44251788c7d8e3180de8eb1',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
/** [leaf index, size, proof] */
const INCLUSION: [number, number, string[]][] = [
  [0, 1, []],
  [
    0,
    8,
    [
      LEAF_HASHES[1] ?? '',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      LEAF_HASHES[4] ?? '',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      ROOTS[4] ?? '',
    ],
  ],
  [2, 3, [ROOTS[2] ?? '']],
  [
    1,
    5,
    [
      LEAF_HASHES[0] ?? '',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      LEAF_HASHES[4] ?? '',
    ],
  ],
];
/** [old size, size, proof] */
const CONSISTENCY: [number, number, string[]][] = [
  [1, 1, []],
  [
    1,
    8,
    [
      LEAF_HASHES[1] ?? '',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    6,
    8,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      ROOTS[4] ?? '',
    ],
  ],
  [2, 5, ['5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e', LEAF_HASHES[4] ?? '']],
  [
    6,
    7,
    [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      LEAF_HASHES[6] ?? '',
      ROOTS[4] ?? '',
    ],
  ],
];

/** Hashes of full subtrees straight from the leaves. */
function over(leaves: readonly string[]): Hashes {
  return (level, index) => fullRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
}

/** MTH as RFC 6962 §2.1 writes it, for comparison. */
function definition(leaves: readonly string[]): string {
  const [first] = leaves;
  if (first === undefined) return EMPTY_ROOT;
  if (leaves.length === 1) return first;
  const k = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(definition(leaves.slice(0, k)), definition(leaves.slice(k)));
}

const known = over(LEAF_HASHES);
const leaf = fc.nat().map(n => leafHash(String(n)));
const leaves = fc.array(leaf, { minLength: 1, maxLength: 300 });

describe('the tree of RFC 6962', () => {
  it('hashes leaves, nodes and nothing as published', () => {
    expect(LEAVES.map(hex => leafHash(Buffer.from(hex, 'hex')))).toEqual(LEAF_HASHES);
    expect(leafHash('L123456')).toBe('395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56');
    expect(leafHash('é💥')).toBe(leafHash(Buffer.from('é💥')));
    expect(ROOTS.map((_root, size) => rootAt(known, size))).toEqual(ROOTS);
  });

  it('makes the published inclusion and consistency proofs', () => {
    for (const [index, size, proof] of INCLUSION) expect(inclusionProof(known, index, size)).toEqual(proof);
    for (const [old, size, proof] of CONSISTENCY) expect(consistencyProof(known, old, size)).toEqual(proof);
  });

  it('accepts the published proofs', () => {
    for (const [index, size, proof] of INCLUSION) {
      expect(verifyInclusion(LEAF_HASHES[index] ?? '', index, size, proof, ROOTS[size] ?? '')).toBe(true);
    }
    for (const [old, size, proof] of CONSISTENCY) {
      expect(verifyConsistency(old, ROOTS[old] ?? '', size, ROOTS[size] ?? '', proof)).toBe(true);
    }
  });

  it('grows one leaf at a time into the root of the definition, telling every full subtree once', () => {
    fc.assert(
      fc.property(leaves, all => {
        const head = new TreeHead();
        const told = new Map<string, string>();
        all.forEach((hash, i) => {
          head.push(hash, (level, index, root) => {
            expect(told.has(`${level}/${index}`)).toBe(false);
            told.set(`${level}/${index}`, root);
          });
          if (i % 37 === 0) expect(head.root()).toBe(definition(all.slice(0, i + 1)));
        });
        expect(head.root()).toBe(definition(all));
        expect(TreeHead.of(over(all), all.length).root()).toBe(head.root());
        let full = 0;
        for (let width = 2; width <= all.length; width *= 2) full += Math.floor(all.length / width);
        expect(told.size).toBe(full);
        for (const [place, root] of told) {
          const [level = 0, index = 0] = place.split('/').map(Number);
          expect(root).toBe(definition(all.slice(index * 2 ** level, (index + 1) * 2 ** level)));
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** A proof that is wrong in one way. */
const spoiled = (proof: readonly string[]) =>
  fc.oneof(
    leaf.map(extra => [...proof, extra]),
    leaf.map(extra => [extra, ...proof]),
    ...(proof.length === 0
      ? []
      : [
          fc.constant(proof.slice(1)),
          fc.constant(proof.slice(0, -1)),
          fc.tuple(fc.nat({ max: proof.length - 1 }), leaf).map(([at, other]) => proof.with(at, other)),
        ]),
  );

describe('proofs', () => {
  it('show every leaf to be in the tree, and no other place, size, leaf or proof', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), leaf, fc.gen(), (all, pick, other, gen) => {
        const size = all.length;
        const index = pick % size;
        const hash = all[index] ?? '';
        const root = definition(all);
        const proof = inclusionProof(over(all), index, size);
        expect(verifyInclusion(hash, index, size, proof, root)).toBe(true);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        if (other !== hash) expect(verifyInclusion(other, index, size, proof, root)).toBe(false);
        expect(verifyInclusion(hash, index, size, proof, other)).toBe(false);
        expect(verifyInclusion(hash, index, size, gen(spoiled, proof), root)).toBe(false);
        expect(verifyInclusion(hash, size, size, proof, root)).toBe(false);
        expect(verifyInclusion(hash, -1, size, proof, root)).toBe(false);
        const elsewhere = (index + 1) % size;
        if (all[elsewhere] !== hash) expect(verifyInclusion(hash, elsewhere, size, proof, root)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it('show that a tree extends an older one, and nothing else', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), leaf, fc.gen(), (all, pick, other, gen) => {
        const size = all.length;
        const old = (pick % size) + 1;
        const oldRoot = definition(all.slice(0, old));
        const root = definition(all);
        const proof = consistencyProof(over(all), old, size);
        fc.pre(other !== oldRoot && other !== root);
        expect(verifyConsistency(old, oldRoot, size, root, proof)).toBe(true);
        expect(verifyConsistency(old, other, size, root, proof)).toBe(false);
        expect(verifyConsistency(old, oldRoot, size, other, proof)).toBe(false);
        expect(verifyConsistency(old, oldRoot, size, root, gen(spoiled, proof))).toBe(false);
        // A history that was rewritten cannot be shown to extend what was signed.
        const at = pick % old;
        const forged = all.with(at, other);
        if (other !== all[at]) {
          const theirs = consistencyProof(over(forged), old, size);
          expect(verifyConsistency(old, oldRoot, size, definition(forged), theirs)).toBe(false);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('say nothing about empty trees and sizes that cannot be', () => {
    expect(verifyConsistency(0, EMPTY_ROOT, 1, ROOTS[1] ?? '', [])).toBe(false);
    expect(verifyConsistency(2, ROOTS[2] ?? '', 1, ROOTS[1] ?? '', [])).toBe(false);
    expect(verifyConsistency(1, ROOTS[1] ?? '', 8, ROOTS[8] ?? '', [])).toBe(false);
    expect(verifyInclusion('', 0, 1, [], '')).toBe(false);
  });
});
