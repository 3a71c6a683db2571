// One open file: its text, what is on disk, whether they differ, and what another program did meanwhile.
import { EditorState, Transaction, type Extension, type TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { FileContent, FileLanguage } from '#ipc/types/bundle';
import { merged, smallestChange } from './replace';

export interface Conflict {
  /** What is on disk now; null when the file is gone. */
  text: string | null;
  version: string | null;
}

export class OpenFile {
  readonly language: FileLanguage;
  readonly restricted: boolean;
  state: EditorState;
  view: EditorView | null = null;
  path: string;
  version = $state<string | null>(null);
  saved = $state.raw('');
  text = $state.raw('');
  conflict = $state.raw<Conflict | null>(null);
  dirty = $derived(this.text !== this.saved);

  constructor(content: FileContent, make: (file: OpenFile) => Extension[]) {
    this.path = content.path;
    this.language = content.language;
    this.restricted = content.restricted;
    this.version = content.version;
    this.saved = this.text = content.text ?? '';
    this.state = EditorState.create({ doc: this.saved, extensions: make(this) });
  }

  /** Applies a change wherever the file is shown, or not. */
  dispatch(spec: TransactionSpec): void {
    if (this.view) this.view.dispatch(spec);
    else {
      this.state = this.state.update(spec).state;
      this.text = this.state.doc.toString();
    }
  }

  /** Replaces the text, as one undoable step. */
  replace(text: string): void {
    const changes = smallestChange(this.text, text);
    if (changes) this.dispatch({ changes, userEvent: 'input.replace' });
  }

  /** Takes what is on disk: at once when nothing was typed, beside it when other lines were, else as a conflict to decide. */
  disk(content: Conflict): 'same' | 'taken' | 'merged' | 'conflict' {
    if (content.version === this.version) return 'same';
    if (content.text === null) return this.#decide(content);
    if (content.text === this.text || !this.dirty) {
      this.takeTheirs(content);
      return 'taken';
    }
    const both = merged(this.saved, this.text, content.text);
    if (both === null) return this.#decide(content);
    // No step of the undo: going back would take away what another program wrote.
    this.dispatch({ changes: smallestChange(this.text, both) ?? [], annotations: Transaction.addToHistory.of(false) });
    this.agree(content.text, content.version);
    return 'merged';
  }

  #decide(content: Conflict): 'conflict' {
    this.conflict = content;
    return 'conflict';
  }

  takeTheirs(content: Conflict): void {
    if (content.text === null) return;
    this.replace(content.text);
    this.agree(content.text, content.version);
  }

  /** Keeps what was typed; the next save writes over what is on disk. */
  keepMine(content: Conflict): void {
    this.saved = content.text ?? '';
    this.version = content.version;
    this.conflict = null;
  }

  agree(text: string, version: string | null): void {
    this.saved = text;
    this.version = version;
    this.conflict = null;
  }
}
