/**
 * Keeps a proxy for each endpoint of each agent, where the native helper is there; without it agents go straight to the
 * upstream. A proxy outlives helper and engine, and the next of both takes it over: an agent that runs has its address.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type Address,
  addressOf,
  endpointEnv,
  endpointsFile,
  proxyName,
  type Endpoints as Remembered,
  readEndpoints,
} from '../fleet/endpoints.ts';
import type { FleetPaths } from '../fleet/paths.ts';
import { writeWhole } from '../fleet/whole-file.ts';
import { HmsError, wordsOf } from '../model/errors.ts';
import type { EndpointConfig } from '../model/fleet.ts';
import type { Native } from '../processes/native.ts';
import type { ProcessMark } from '../protocol/native.ts';

/** A name is looked up meanwhile, ms. */
const OPEN_MS = 5000;

/** The part of an agent's configuration this is about. */
type Agents = readonly {
  readonly id: string;
  readonly config: { readonly endpoints: Readonly<Record<string, EndpointConfig>> };
}[];

interface EndpointsOptions {
  readonly paths: Pick<FleetPaths, 'state' | 'run'>;
  /** For whom proxies stay when the engine is gone: the tmux server, which has the agents. */
  readonly owner: ProcessMark | undefined;
  readonly log: (line: string) => void;
}

export class Endpoints {
  readonly #options: EndpointsOptions;
  #agents: Agents = [];
  #open: Remembered = {};
  #native: Native | undefined;
  /** One change after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: EndpointsOptions) {
    this.#options = options;
  }

  /** Another life of the helper: it takes over the proxies of the one before. */
  follow(native: Native): void {
    this.#native = native;
    native.onClose(() => {
      if (this.#native === native) this.#native = undefined;
    });
    void this.#inTurn(() => this.#openAll());
  }

  /** What the configuration wants from now on. Resolves when it is so, or cannot be; never rejects. */
  want(agents: Agents): Promise<void> {
    this.#agents = agents;
    return this.#inTurn(() => this.#openAll());
  }

  /** For an agent that is started now. */
  environment(agent: string): Record<string, string> {
    const endpoints = this.#agents.find(({ id }) => id === agent)?.config.endpoints ?? {};
    return Object.assign(
      {},
      ...Object.entries(endpoints).map(([name, endpoint]) => {
        const upstream = addressOf(endpoint.upstream);
        const open = this.#open[proxyName(agent, name)];
        const through = open && isDeepStrictEqual(open.upstream, upstream) ? open.listen : upstream;
        return endpointEnv(endpoint, through);
      }),
    );
  }

  async #openAll(): Promise<void> {
    const native = this.#native;
    const wanted = this.#agents.flatMap(({ id, config }) =>
      Object.entries(config.endpoints).map(([name, { upstream }]) => ({
        agent: id,
        name: proxyName(id, name),
        upstream: addressOf(upstream),
      })),
    );
    const before = { ...(await readEndpoints(this.#options.paths)), ...this.#open };
    if (!native || (wanted.length === 0 && Object.keys(before).length === 0)) return;
    const open: Remembered = {};
    await Promise.all(
      wanted.map(async ({ agent, name, upstream }) => {
        const known = before[name];
        try {
          const { listen, control } = await this.#openOne(native, name, upstream, known?.listen);
          open[name] = { agent, listen, upstream, control };
        } catch (error) {
          this.#options.log(`no proxy for ${name}, which goes straight to its upstream: ${wordsOf(error)}`);
        }
      }),
    );
    for (const [name, { listen, upstream }] of Object.entries(before))
      if (!wanted.some(one => one.name === name)) await this.#close(native, name, listen, upstream);
    this.#open = open;
    await writeWhole(endpointsFile(this.#options.paths), `${JSON.stringify(open, undefined, 2)}\n`).catch(
      (error: unknown) => this.#options.log(`endpoints are not remembered: ${wordsOf(error)}`),
    );
  }

  async #openOne(
    native: Native,
    name: string,
    upstream: Address,
    before: Address | undefined,
  ): Promise<{ listen: Address; control: string }> {
    const { run } = this.#options.paths;
    const folder = `${run}/proxies`;
    const fresh: Address =
      'tcp' in upstream ? { tcp: '127.0.0.1:0' } : { unix: `${folder}/${name.replace('/', '.')}.sock` };
    const ask = (listen: Address) =>
      native.request(
        'proxy.open',
        { name, folder, listen, upstream, owner: this.#options.owner ?? null },
        { deadlineMs: OPEN_MS },
      );
    // Where it was, so that an agent that still runs finds it there; elsewhere when somebody has taken that.
    if (!before || 'tcp' in before !== 'tcp' in upstream) return ask(fresh);
    return ask(before).catch((error: unknown) => {
      if (error instanceof HmsError && error.code === 'proxy-taken') return ask(fresh);
      throw error;
    });
  }

  /** One that nobody wants any more; what is connected is passed on until it ends. */
  async #close(native: Native, name: string, listen: Address, upstream: Address): Promise<void> {
    try {
      // Only what this life of the helper has opened, or taken over, can be closed by it.
      await this.#openOne(native, name, upstream, listen);
      await native.request('proxy.close', { name });
    } catch (error) {
      this.#options.log(`the proxy ${name}, which is not needed any more: ${wordsOf(error)}`);
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch((error: unknown) => {
      this.#options.log(`endpoints: ${wordsOf(error)}`);
    });
    return this.#turn;
  }
}
