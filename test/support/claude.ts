/** The real Claude Code client for tests: installed once into `.cache`, with a home and an environment of its own. */
import { execFile } from 'node:child_process';
import { access, mkdir, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Measured against; see docs/drivers.md before changing it. */
export const CLAUDE_VERSION = '2.1.330';
const PACKAGE = '@anthropic-ai/claude-code';
const CACHE = join(import.meta.dirname, '..', '..', '.cache', 'claude');

export interface InstalledClaude {
  /** Program and arguments before its own. */
  readonly command: readonly string[];
  readonly version: string;
}

/**
 * Installs the client with npm unless it is there. The package brings its program as an optional package for this
 * platform, so no install script has to run. Throws when npm cannot fetch it.
 */
export async function installClaude(): Promise<InstalledClaude> {
  const dir = join(CACHE, CLAUDE_VERSION);
  const found = await findProgram(dir).catch(() => undefined);
  if (found) return { command: [found], version: CLAUDE_VERSION };
  // Installed aside and renamed: an install that was cut off, or another test at the same time, leaves no half.
  const aside = `${dir}.${process.pid}`;
  await mkdir(aside, { recursive: true });
  const flags = ['--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', '--prefix', aside, ...flags, `${PACKAGE}@${CLAUDE_VERSION}`], {
    timeout: 300_000,
  });
  await rename(aside, dir).catch(async () => rm(aside, { recursive: true, force: true }));
  return { command: [await findProgram(dir)], version: CLAUDE_VERSION };
}

async function findProgram(dir: string): Promise<string> {
  const scope = join(dir, 'node_modules', '@anthropic-ai');
  const platform = `claude-code-${process.platform}-${process.arch}`;
  // Where the C library is musl, npm brings that package only.
  const name = (await readdir(scope)).find(entry => entry === platform || entry === `${platform}-musl`);
  const program = join(scope, name ?? platform, 'claude');
  await access(program);
  return program;
}

const KEY = 'sk-ant-api03-scripted-model-on-loopback-0123456789';

/**
 * A home with onboarding done and `cwd` trusted, in `dir`. Returns the whole environment to run the client with: it
 * reaches nothing but the model server at `url`.
 */
export async function claudeHome(dir: string, cwd: string, url: string): Promise<Record<string, string>> {
  const home = join(dir, 'home');
  await mkdir(home, { recursive: true });
  const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  const settings = {
    hasCompletedOnboarding: true,
    numStartups: 5,
    projects: { [cwd]: project, [await realpath(cwd)]: project },
    customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
  };
  await writeFile(join(home, '.claude.json'), JSON.stringify(settings));
  return {
    HOME: home,
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: KEY,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
  };
}
