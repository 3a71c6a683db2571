// A flat list of paths as the rows of a tree: folders first, what is shut left out.
import type { FileNode } from '#ipc/types/bundle';

export interface TreeRow extends FileNode {
  name: string;
  depth: number;
}

export function visible(files: FileNode[], shut: string[]): TreeRow[] {
  return children('', files, shut);
}

function children(folder: string, files: FileNode[], shut: string[]): TreeRow[] {
  const depth = folder === '' ? 0 : folder.split('/').length;
  return files
    .filter(({ path }) => parent(path) === folder)
    .sort((a, b) => rank(a) - rank(b) || a.path.localeCompare(b.path))
    .flatMap((node) => {
      const row = { ...node, name: node.path.split('/').at(-1) ?? node.path, depth };
      return node.kind === 'folder' && !shut.includes(node.path) ? [row, ...children(node.path, files, shut)] : [row];
    });
}

function parent(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** What the creator writes first stands first: task, statement, then folders, then the rest. */
function rank(node: FileNode): number {
  const first = ['task.yaml', 'statement.md', 'vcluster.yaml'].indexOf(node.path);
  if (first >= 0) return first;
  return node.kind === 'folder' ? 10 : 20;
}
