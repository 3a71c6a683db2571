// What an editor is made of: language, help from the core, keys, and colours from the tokens.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yamlLanguage } from '@codemirror/lang-yaml';
import { bracketMatching, defineLanguageFacet, foldGutter, foldKeymap, HighlightStyle, indentOnInput, Language, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { lintGutter } from '@codemirror/lint';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { crosshairCursor, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, rectangularSelection } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { GFM, parser as markdown } from '@lezer/markdown';
import type { Backend } from '#ipc/backend';
import type { Completion as Offered, FileLanguage } from '#ipc/types/bundle';
import { hoverText } from './hover';

const markdownLanguage = new Language(defineLanguageFacet(), markdown.configure([GFM]), [], 'markdown');
const shellLanguage = StreamLanguage.define(shell);

/** Everything for one file; `changed` is told after each edit. */
export function extensions(backend: Backend, bundle: string, path: string, language: FileLanguage, changed: (view: EditorView) => void): Extension[] {
  return [
    lintGutter(), lineNumbers(), foldGutter({ markerDOM: foldMark }), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), EditorState.allowMultipleSelections.of(true),
    indentOnInput(), bracketMatching(), closeBrackets(), rectangularSelection(), crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(), search({ top: true }),
    keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, indentWithTab]),
    EditorState.tabSize.of(2), languageOf(language), look, syntaxHighlighting(highlight),
    EditorView.contentAttributes.of({ 'aria-label': `Text of ${path}`, tabindex: '0', spellcheck: language === 'markdown' ? 'true' : 'false' }),
    EditorView.updateListener.of((update) => update.docChanged && changed(update.view)),
    ...(language === 'yaml' ? help(backend, bundle, path) : []),
    ...(language === 'markdown' ? [EditorView.lineWrapping] : []),
  ];
}

function languageOf(language: FileLanguage): Extension {
  if (language === 'yaml') return yamlLanguage;
  if (language === 'markdown') return markdownLanguage;
  return language === 'shell' ? shellLanguage : [];
}

function help(backend: Backend, bundle: string, path: string): Extension[] {
  const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const found = await backend.call('complete', { bundle, path, text: context.state.doc.toString(), offset: context.pos });
    if (!found || context.aborted) return null;
    return { from: found.from, to: found.to, options: found.items.map(option), validFor: /^[\w./-]*$/ };
  };
  const hover = hoverTooltip(async (view, pos) => {
    const found = await backend.call('hover', { path, text: view.state.doc.toString(), offset: pos });
    return found ? { pos: found.from, end: found.to, above: true, create: () => ({ dom: hoverText(found.markdown) }) } : null;
  });
  return [autocompletion({ override: [complete], icons: false, activateOnTypingDelay: 80 }), hover];
}

function foldMark(open: boolean): HTMLElement {
  const mark = document.createElement('span');
  mark.className = open ? 'cm-foldMark' : 'cm-foldMark shut';
  mark.title = open ? 'Fold' : 'Unfold';
  return mark;
}

function option(item: Offered): Completion {
  const type = { key: 'property', value: 'enum', reference: 'variable', file: 'text', snippet: 'keyword' }[item.kind];
  return { label: item.label, apply: item.insert, type, detail: item.detail ?? undefined, info: item.documentation ? () => hoverText(item.documentation ?? '') : undefined };
}

const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--key)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--number)' },
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: 'var(--keyword)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--comment)', fontStyle: 'italic' },
  { tag: tags.heading, color: 'var(--heading)', fontWeight: '600' },
  { tag: [tags.link, tags.url], color: 'var(--link)' },
  { tag: [tags.meta, tags.processingInstruction, tags.punctuation, tags.separator], color: 'var(--meta)' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.variableName, tags.definition(tags.variableName), tags.standard(tags.variableName)], color: 'var(--blue)' },
  { tag: tags.monospace, color: 'var(--string)' },
]);

const look = EditorView.theme({
  '&': { height: '100%', fontSize: 'var(--editor-size, 13px)', backgroundColor: 'var(--surface)', color: 'var(--text)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', fontVariantLigatures: 'none' },
  '.cm-content': { caretColor: 'var(--accent)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--accent)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--surface)', color: 'var(--faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 2px 0 0', minWidth: '24px', fontVariantNumeric: 'tabular-nums' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--hover) 55%, transparent)' },
  '.cm-activeLineGutter': { color: 'var(--text)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--accent) 26%, transparent)' },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--amber) 26%, transparent)' },
  '.cm-searchMatch-selected': { backgroundColor: 'color-mix(in srgb, var(--amber) 55%, transparent)' },
  '.cm-matchingBracket': { outline: '1px solid var(--edge)', backgroundColor: 'transparent' },
  '.cm-foldGutter': { width: '18px' },
  '.cm-foldMark': { display: 'block', width: '6px', height: '6px', margin: '7px auto 0', borderRight: '1.5px solid currentcolor', borderBottom: '1.5px solid currentcolor', transform: 'translateY(-2px) rotate(45deg)' },
  '.cm-foldMark.shut': { transform: 'translateX(-2px) rotate(-45deg)' },
  '.cm-gutter-lint': { width: '18px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 0 0 6px' },
  '.cm-lint-marker': { width: '10px', height: '10px', marginTop: '5px' },
  '.cm-lint-marker-error': { content: 'none', background: 'linear-gradient(45deg, transparent 42%, var(--red) 42% 58%, transparent 58%), linear-gradient(-45deg, transparent 42%, var(--red) 42% 58%, transparent 58%)' },
  '.cm-lint-marker-warning': { content: 'none', background: 'var(--amber)', clipPath: 'polygon(50% 4%, 100% 96%, 0 96%)' },
  '.cm-panels': { backgroundColor: 'var(--ground)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 10px', font: '12px var(--font)' },
  '.cm-textfield': { border: '1px solid var(--edge)', borderRadius: '4px', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '12px', padding: '2px 6px' },
  '.cm-button': { border: '1px solid var(--edge)', borderRadius: '4px', backgroundImage: 'none', backgroundColor: 'var(--surface)', color: 'var(--text)', fontSize: '12px', padding: '2px 8px' },
  '.cm-tooltip': { border: '1px solid var(--line)', borderRadius: '6px', backgroundColor: 'var(--raised)', color: 'var(--text)', boxShadow: 'var(--shadow)', overflow: 'hidden' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '12px', maxHeight: '280px' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px', lineHeight: '18px' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--selected)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent-text)', fontWeight: '600' },
  '.cm-completionInfo': { padding: '6px 10px', maxWidth: '340px' },
  '.cm-diagnostic': { padding: '6px 10px', borderLeftWidth: '3px', font: '13px/19px var(--font)', maxWidth: '520px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--red)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--amber)' },
  '.cm-diagnosticAction': { backgroundColor: 'var(--accent)', color: 'var(--on-accent)', borderRadius: '4px', padding: '2px 8px', margin: '6px 6px 0 0', display: 'block', width: 'max-content', font: '500 12px var(--font)' },
  '.cm-diagnosticSource': { fontSize: '11px', opacity: '1', color: 'var(--soft)', marginTop: '4px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--red)', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--amber)', textUnderlineOffset: '3px', textDecorationSkipInk: 'none' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--hover)', border: 'none', color: 'var(--soft)', padding: '0 6px' },
  '.cm-specialChar': { color: 'var(--red)' },
});
