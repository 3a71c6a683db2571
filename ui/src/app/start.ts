// Chooses the transport and mounts the app.
import { mount } from 'svelte';
import type { Backend } from '#ipc/backend';
import { theme } from '#shared/theme/theme.svelte';
import App from './App.svelte';

export async function start(): Promise<void> {
  theme.follow();
  const backend = await transport();
  const target = document.getElementById('app');
  if (target) mount(App, { target, props: { backend } });
  if (import.meta.env.MODE === 'bench') await (await import('../measure')).measure(backend);
}

/** The desktop app, a development server that gave us a token, or the sample. */
async function transport(): Promise<Backend> {
  if ('__TAURI_INTERNALS__' in window) return (await import('#ipc/tauri')).tauriBackend();
  const token = new URLSearchParams(location.search).get('token');
  if (token === null) return (await import('#ipc/memory/index')).memoryBackend();
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  return (await import('#ipc/ws')).wsBackend(`${scheme}://${location.host}/ws?token=${encodeURIComponent(token)}`);
}
