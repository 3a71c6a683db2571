// The picture of a boot as one SVG file that stands alone: for talks, issues, and reports.
import type { Tokens } from '#shared/theme/tokens';
import { BAR, HEAD, ROW, type Gantt, type Row } from './gantt';

/** Draws a layout with the colours of a theme. */
export function ganttSvg(layout: Gantt, title: string, line: string, tokens: Tokens): string {
  const head = 56;
  const parts = [
    text(24, 26, title, `font-size="16" font-weight="600" fill="${tokens.text}"`),
    text(24, 46, line, `font-size="12" fill="${tokens.soft}"`),
    `<g transform="translate(16 ${head})">`,
    ...layout.ticks.map(({ x, label }) => `<path d="M${round(x)} ${HEAD - 6}V${layout.height - 4}" stroke="${tokens.line}"/>${text(x, 12, label, `font-size="11" fill="${tokens.soft}" text-anchor="middle"`)}`),
    ...layout.rows.map((row) => bar(row, layout, tokens)),
    ...layout.links.map(({ x, y1, y2 }) => `<path d="M${round(x)} ${y1}V${y2}" stroke="${tokens.chain}" stroke-width="1.5"/>`),
    layout.budget ? `<path d="M${round(layout.budget.x)} ${HEAD - 6}V${layout.height - 4}" stroke="${tokens.amber}" stroke-dasharray="4 3"/>${text(layout.budget.x - 4, layout.height - 8, layout.budget.label, `font-size="11" fill="${tokens.amber}" text-anchor="end"`)}` : '',
    '</g>',
  ];
  const [width, height] = [layout.width + 32, layout.height + head + 16];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif"><rect width="100%" height="100%" fill="${tokens.surface}"/>${parts.join('')}</svg>\n`;
}

function bar(row: Row, layout: Gantt, tokens: Tokens): string {
  const top = row.y + (ROW - BAR) / 2;
  const rect = (segment: { x: number; width: number } | null, fill: string, extra = '') =>
    segment ? `<rect x="${round(segment.x)}" y="${top}" width="${round(segment.width)}" height="${BAR}" rx="3" fill="${fill}"${extra}/>` : '';
  const outline = row.onChain ? ` stroke="${tokens.chain}" stroke-width="1.5"` : '';
  return [
    text(0, row.y + 15, row.name, `font-size="12" fill="${tokens.text}"${row.onChain ? ' font-weight="600"' : ''}`),
    rect(row.waiting && { x: row.waiting.x, width: row.waiting.width }, tokens.waiting, ' opacity="0.55"'),
    row.other ? `<rect x="${round(row.other.segment.x)}" y="${top + BAR + 1}" width="${round(row.other.segment.width)}" height="3" fill="${tokens.blue}"/>` : '',
    rect(row.working, row.state === 'failed' ? tokens.failed : tokens.working, outline),
    text(layout.width, row.y + 15, row.figure + (row.other ? `  ${row.other.figure}` : ''), `font-size="12" fill="${tokens.soft}" text-anchor="end" style="font-variant-numeric:tabular-nums"`),
  ].join('');
}

function text(x: number, y: number, content: string, attributes: string): string {
  const safe = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${round(x)}" y="${y}" ${attributes}>${safe}</text>`;
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}
