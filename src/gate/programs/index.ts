/** The one table of programs we know. A program that is not in it is of class `program`, never harmless. */
import type { Rule } from '../call.ts';
import { BUILTINS } from './builtins.ts';
import { CLOUD } from './cloud.ts';
import { DATABASES } from './databases.ts';
import { FILES } from './files.ts';
import { FINDERS } from './find.ts';
import { GIT } from './git.ts';
import { INTERPRETERS } from './interpreters.ts';
import { NETWORK } from './network.ts';
import { PACKAGES } from './packages.ts';
import { READERS } from './readers.ts';
import { SYSTEM } from './system.ts';
import { WRAPPERS } from './wrappers.ts';

const TABLES = [
  BUILTINS,
  READERS,
  FILES,
  FINDERS,
  GIT,
  NETWORK,
  PACKAGES,
  CLOUD,
  SYSTEM,
  DATABASES,
  INTERPRETERS,
  WRAPPERS,
];

export const PROGRAMS: ReadonlyMap<string, Rule> = new Map(TABLES.flatMap(table => Object.entries(table)));

/** How many names the tables hold, and whether two tables claim the same one: a test asks. */
export const PROGRAM_NAMES: readonly string[] = TABLES.flatMap(table => Object.keys(table));
