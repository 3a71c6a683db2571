// How components get at the backend, at what they may ask of the window, and nothing else.
import { getContext, setContext } from 'svelte';
import type { Backend } from '#ipc/backend';

const KEY = Symbol('backend');

export function provideBackend(backend: Backend): void {
  setContext(KEY, backend);
}

export function useBackend(): Backend {
  return getContext<Backend>(KEY);
}
