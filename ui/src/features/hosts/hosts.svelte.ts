// The hosts this machine knows, each asked about its health by itself: a slow or broken one never holds up another.
import { asProblem, type Backend, type Job } from '#ipc/backend';
import type { Problem } from '#ipc/types/app';
import { cli } from '#shared/cli';
import { done } from '#shared/done.svelte';
import type { DoctorStep, HostHealth, HostView, SandboxProgress, SandboxView } from '#ipc/types/host';

export class Hosts {
  list = $state.raw<HostView[] | null>(null);
  problems = $state.raw<{ file: string; message: string }[]>([]);
  problem = $state.raw<Problem | null>(null);
  health = $state<Record<string, HostHealth>>({});
  asking = $state<Record<string, number>>({});
  sandbox = $state.raw<SandboxView | null>(null);
  /** What bringing the sandbox up or down says, while it does. */
  progress = $state<SandboxProgress[]>([]);
  working = $state<'up' | 'down' | null>(null);
  sandboxProblem = $state.raw<Problem | null>(null);
  #backend: Backend;
  #job: Job<null> | null = null;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  async load(): Promise<void> {
    try {
      const { hosts, problems } = await this.#backend.call('list_hosts', {});
      [this.list, this.problems, this.problem] = [hosts, problems, null];
      for (const host of hosts) void this.probe(host.name);
    } catch (thrown) {
      this.problem = asProblem(thrown);
    }
    await this.loadSandbox();
  }

  async loadSandbox(): Promise<void> {
    try {
      this.sandbox = await this.#backend.call('sandbox_status', {});
    } catch (thrown) {
      this.sandboxProblem = asProblem(thrown);
    }
  }

  async probe(context: string): Promise<void> {
    this.asking[context] = Date.now();
    try {
      this.health[context] = await this.#backend.call('probe_host', { context });
    } catch (thrown) {
      const { message, hints } = asProblem(thrown);
      this.health[context] = { context, state: 'unreachable', version: null, latencyMs: null, problem: message, hints, nodes: null, pools: [], missing: [], checkedAt: new Date().toISOString() };
    }
    delete this.asking[context];
  }

  /** Walks the way to a host, and tells each step once it is done. */
  doctor(context: string, told: (step: DoctorStep) => void): Job<null> {
    return this.#backend.stream('doctor', { context }, told);
  }

  /** Brings the sandbox up or down; resolves with whether it worked. */
  async turn(way: 'up' | 'down'): Promise<boolean> {
    [this.working, this.progress, this.sandboxProblem] = [way, [], null];
    done.say(cli(way === 'up' ? 'sandbox up' : 'sandbox down'));
    const take = (item: SandboxProgress) => this.progress.push(item);
    this.#job = way === 'up' ? this.#backend.stream('sandbox_up', { nodes: null }, take) : this.#backend.stream('sandbox_down', {}, take);
    try {
      await this.#job.done;
      return true;
    } catch (thrown) {
      this.sandboxProblem = asProblem(thrown);
      return false;
    } finally {
      this.working = null;
      await this.load();
    }
  }

  cancel(): void {
    this.#job?.cancel();
  }

  /** The host to begin with: the one that was used, else the default, else the sandbox, else the first. */
  first(remembered: string | null): string | null {
    const list = this.list ?? [];
    const best = list.find((host) => host.name === remembered) ?? list.find((host) => host.default) ?? list.find((host) => host.sandbox) ?? list[0];
    return best?.name ?? null;
  }
}

export type Tone = 'ok' | 'busy' | 'warning' | 'bad' | 'none';

export function tone(health: HostHealth | undefined): Tone {
  if (!health) return 'busy';
  return { reachable: 'ok', limited: 'warning', unreachable: 'bad' }[health.state] as Tone;
}

export function stateWord(health: HostHealth | undefined): string {
  if (!health) return 'asking';
  return { reachable: 'reachable', limited: 'rights missing', unreachable: 'not reachable' }[health.state];
}
