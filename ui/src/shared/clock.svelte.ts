// One clock for everything that shows time passing: ticks each second, and only while somebody looks.
import { createSubscriber } from 'svelte/reactivity';

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 1000);
  return () => clearInterval(timer);
});

/** Now, in milliseconds; whoever reads it in a component is told each second. */
export function now(): number {
  subscribe();
  return Date.now();
}
