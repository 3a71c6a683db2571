// Where an export goes: the three kinds of places, how each is written, and what is wrong with what was typed.

export type Kind = 'file' | 'registry' | 'platform';

export const KINDS: Record<Kind, { title: string; field: string; hint: string }> = {
  file: { title: 'File', field: 'File', hint: 'One archive on this machine, or on a disk it can reach.' },
  registry: { title: 'Registry', field: 'Artifact in a registry', hint: 'With the credentials of `docker login`.' },
  platform: { title: 'Platform', field: 'Address of the platform', hint: 'An upload to the platform’s HTTP API, which goes on where it broke off.' },
};

/** Which kind a whole destination is of, as the command line tells them apart. */
export function kindOf(to: string): Kind {
  if (to.startsWith('oci://')) return 'registry';
  return /^https?:\/\//.test(to) ? 'platform' : 'file';
}

/** What stands in the fields at first. */
export function firstFile(folder: string, name: string): string {
  const parent = folder.replace(/[/\\]+[^/\\]*[/\\]*$/, '');
  return `${parent}${folder.includes('\\') && !folder.includes('/') ? '\\' : '/'}${name}.taskbundle`;
}

export function placeholder(kind: Kind, folder: string, name: string): string {
  return { file: firstFile(folder, name), registry: `oci://registry.example.org/tasks/${name}:1`, platform: 'https://platform.example.org' }[kind];
}

/** What was typed as a whole destination; a scheme that is not written is the one of its kind. */
export function written(kind: Kind, typed: string): string {
  const text = typed.trim();
  if (kind === 'file' || text === '' || text.includes('://')) return text;
  return kind === 'registry' ? `oci://${text}` : `https://${text}`;
}

/** Why what was typed is no destination; what only a registry or a platform can know is not asked here. */
export function fault(kind: Kind, typed: string): string | null {
  const to = written(kind, typed);
  if (to === '') return `Say where to: ${{ file: 'the path of a file', registry: 'the name of an artifact', platform: 'the address of a platform' }[kind]}.`;
  if (kind === 'file') return isWhole(to) ? (/[/\\]$/.test(to) ? 'Name the file, too: this is a folder.' : null) : 'Write the whole path, from the root on.';
  if (kind === 'registry') return /^oci:\/\/[^/\s]+\/\S+$/.test(to) ? null : 'Write it as oci://REGISTRY/REPOSITORY:TAG.';
  return /^https?:\/\/[^/\s]+/.test(to) ? null : 'Write it as https://PLATFORM.';
}

/** A path that means the same wherever a program stands. */
function isWhole(path: string): boolean {
  return /^(\/|\\\\|[A-Za-z]:[\\/])/.test(path);
}

/** The file of a chosen folder, with the name it had. */
export function inFolder(folder: string, before: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${before.split(/[/\\]/).at(-1) || `${name}.taskbundle`}`;
}
