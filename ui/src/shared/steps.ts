// The names of a boot's steps, for everything that shows a boot.

/** A step's name: `control plane`, `init/seed`. */
export function stepName(step: string): string {
  const short = step.replace(/^dependency\//, '');
  return short === 'control-plane' ? 'control plane' : short;
}
