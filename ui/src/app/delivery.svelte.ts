// How the bundle in focus is locked, proven and exported. What was begun for one goes on while another is in focus.
import { done } from '#shared/done.svelte';
import { notices } from '#shared/clipboard.svelte';
import { count } from '#shared/words';
import type { BundleEditor } from '../features/bundle/bundle.svelte';
import { BundleExport } from '../features/export/export.svelte';
import { BundleLock } from '../features/lock/lock.svelte';
import { BundleProof } from '../features/proof/proof.svelte';
import type { Bench } from './bench.svelte';

export class Delivery {
  proof = $state.raw<BundleProof | null>(null);
  lock = $state.raw<BundleLock | null>(null);
  shipping = $state.raw<BundleExport | null>(null);
  /** The dialog that locking goes back to. */
  lockedFrom = $state<'export' | null>(null);
  /** By folder of the bundle, as the next three. */
  #proofs = new Map<string, BundleProof>();
  #locks = new Map<string, BundleLock>();
  #exports = new Map<string, BundleExport>();
  /** When the proofs under way began. */
  #proving = new Map<string, number>();

  constructor(private readonly bench: Bench) {}

  /** When the proofs under way began, for a window that comes back. */
  get proving(): [folder: string, began: number][] {
    return [...this.#proving];
  }

  recall(proving: [folder: string, began: number][]): void {
    this.#proving = new Map(proving);
  }

  /** The bundle of this folder comes into focus. */
  focus(folder: string): void {
    const { backend } = this.bench;
    this.proof = known(this.#proofs, folder, () => new BundleProof(backend, folder));
    this.lock = known(this.#locks, folder, () => new BundleLock(backend, folder));
    this.shipping = known(this.#exports, folder, () => new BundleExport(backend, folder));
  }

  /** Proves the bundle in focus; its view says what becomes of it. */
  async prove(): Promise<void> {
    const { proof } = this;
    const { editor, host } = this.bench;
    if (!editor || !proof || proof.working) return;
    this.bench.view = 'proof';
    if (!(await editor.saveAll())) return;
    await editor.check();
    const health = host ? this.bench.hosts.health[host] : undefined;
    if (this.bench.errors > 0) return proof.refuse({ code: 'bundle', message: `${count(this.bench.errors, 'problem')} must be corrected before a proof`, hints: ['Go back to the bundle, and to the next problem with F8.'] });
    if (!host || health?.state === 'unreachable') return proof.refuse({ code: 'host', message: `${host ?? 'No host'} ${host ? 'is not reachable' : 'is chosen'}${health?.problem ? `: ${health.problem}` : ''}`, hints: ['Choose another host, or let the doctor find out why.'] });
    done.say(this.proveLine() ?? '');
    this.#proving.set(proof.folder, Date.now());
    this.bench.keepPlace();
    await proof.start(host);
    await this.#proven(editor, proof);
  }

  /** A proof goes on without a window: one that is under way is shown as if it had begun here. */
  async goOnProving(editor: BundleEditor): Promise<void> {
    const { proof } = this;
    if (!proof || proof.working) return;
    await proof.find(this.#proving.get(proof.folder) ?? null);
    await this.#proven(editor, proof);
  }

  async #proven(editor: BundleEditor, proof: BundleProof): Promise<void> {
    this.#proving.delete(proof.folder);
    this.bench.keepPlace();
    if (this.bench.editor === editor && !editor.loading) await editor.refresh();
  }

  /** Proves the bundle on the way to its export, and leads back there when it holds. */
  async proveToExport(): Promise<void> {
    const { proof } = this;
    this.bench.dialog = null;
    await this.prove();
    if (!proof || proof.view?.state !== 'holds' || proof !== this.proof) return;
    notices.show('The bundle is proven', { title: 'Export…', run: () => void this.openExport() });
  }

  /** Pins what the bundle in focus pulls in; a dialog says what becomes of it. */
  async lockBundle(): Promise<void> {
    const { lock, proof } = this;
    const { editor, host } = this.bench;
    if (!editor || !lock) return;
    if (this.bench.dialog !== 'lock') this.lockedFrom = this.bench.dialog === 'export' ? 'export' : null;
    this.bench.dialog = 'lock';
    if (lock.working) return;
    lock.forget();
    if (!(await editor.saveAll())) return lock.refuse({ code: 'conflict', message: 'a file could not be saved, so the bundle was not locked', hints: ['Go back to the bundle, and save it.'] });
    await editor.check();
    if (this.bench.errors > 0) return lock.refuse({ code: 'bundle', message: `${count(this.bench.errors, 'problem')} must be corrected before the bundle can be locked`, hints: ['Go back to the bundle, and to the next problem with F8.'] });
    done.say(lock.line(host));
    const changed = await lock.start(host);
    if (lock.result?.locked && proof?.problem && proof.made === null) proof.forget();
    if (this.bench.editor === editor && changed.length > 0) await editor.reread(changed);
    const title = { title: 'Show', run: () => void (this.bench.dialog = 'lock') };
    if (this.bench.dialog !== 'lock' && !lock.stopped) notices.show(lock.result?.locked ? `${editor.outline?.name} is locked` : `${editor.outline?.name} is not locked`, this.lock === lock ? title : undefined);
  }

  lockLine(): string | null {
    return this.lock && this.lock.line(this.bench.host);
  }

  /** Shows where the bundle in focus goes, and what would go there. */
  async openExport(): Promise<void> {
    const { shipping } = this;
    const { editor } = this.bench;
    if (!editor || !shipping) return;
    this.bench.dialog = 'export';
    await editor.saveAll();
    await shipping.open(editor.outline?.name ?? editor.folder.split(/[/\\]/).at(-1) ?? '', this.bench.settings?.exports ?? []);
  }

  closeExport(): void {
    this.bench.dialog = null;
    this.shipping?.close();
  }

  /** Exports as the dialog says: what is open is saved first, since what lies on disk is what is shipped. */
  async export(): Promise<void> {
    const { shipping } = this;
    const { editor } = this.bench;
    if (!editor || !shipping || shipping.working || shipping.blocked !== null) return;
    if (!(await editor.saveAll())) return;
    done.say(shipping.line);
    await shipping.start();
    if (shipping.result) await this.#rememberExports();
    if ((this.bench.dialog === 'export' && this.shipping === shipping) || shipping.stopped) return;
    const said = shipping.result ? `${shipping.name} is exported to ${shipping.result.destination}` : `${shipping.name} was not exported: ${shipping.problem?.message ?? ''}`;
    notices.show(said, this.shipping === shipping ? { title: 'Show', run: () => void this.openExport() } : undefined);
  }

  /** Where bundles went is known on the other side alone. */
  async #rememberExports(): Promise<void> {
    const kept = await this.bench.backend.call('get_settings', {}).catch(() => null);
    if (!kept || !this.bench.settings) return;
    this.bench.settings = { ...this.bench.settings, exports: kept.exports };
    for (const shipping of this.#exports.values()) shipping.remember(kept.exports);
  }

  proveLine(): string | null {
    return this.proof && this.proof.line(this.bench.host);
  }
}

/** What is kept of a bundle under its folder, made the first time. */
function known<T>(kept: Map<string, T>, folder: string, make: () => T): T {
  const one = kept.get(folder) ?? make();
  kept.set(folder, one);
  return one;
}
