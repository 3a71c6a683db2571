// The short texts of hovers and completions: paragraphs, bold and code, built as nodes so that nothing is ever run.

/** Makes an element of a text in the small Markdown that the core writes. */
export function hoverText(text: string): HTMLElement {
  const box = document.createElement('div');
  box.className = 'hover-text';
  for (const paragraph of text.split(/\n\n+/)) {
    const element = document.createElement('p');
    element.append(...pieces(paragraph));
    box.append(element);
  }
  return box;
}

function pieces(text: string): (string | HTMLElement)[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith('`') && piece.length > 1) return wrapped('code', piece.slice(1, -1));
    return piece.startsWith('**') && piece.length > 3 ? wrapped('strong', piece.slice(2, -2)) : piece;
  });
}

function wrapped(name: string, text: string): HTMLElement {
  const element = document.createElement(name);
  element.textContent = text;
  return element;
}
