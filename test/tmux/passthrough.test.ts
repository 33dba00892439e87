import { expect, test } from 'vitest';
import { passesThrough } from '../../src/tmux/passthrough.ts';
import { withTmux } from '../support/tmux.ts';

test('a tmux that passes sequences on is told from one that does not, and from none', async () => {
  await withTmux(async ({ tmux, socket }) => {
    await tmux('new-session', '-d', '-s', 'one', 'cat');
    const pane = (await tmux('display-message', '-p', '-t', 'one:', '#{pane_id}')).trim();
    const env = { PATH: process.env.PATH, TMUX: `${socket},1,0`, TMUX_PANE: pane };
    expect(await passesThrough({ PATH: process.env.PATH })).toBe(false);
    expect(await passesThrough(env)).toBe(false);
    await tmux('set-option', '-g', 'allow-passthrough', 'on');
    expect(await passesThrough(env)).toBe(true);
    await tmux('set-option', '-p', '-t', pane, 'allow-passthrough', 'off');
    expect(await passesThrough(env)).toBe(false);
    expect(await passesThrough({ ...env, TMUX: '/no/such/socket,1,0' })).toBe(false);
    expect(await passesThrough({ ...env, PATH: '/nowhere' })).toBe(false);
  });
});
