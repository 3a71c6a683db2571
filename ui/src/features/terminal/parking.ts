// Where terminals wait while they are not shown: still attached and measured, but off the screen.

let lot: HTMLElement | null = null;

export function park(element: HTMLElement): void {
  if (!lot) {
    lot = document.createElement('div');
    lot.style.cssText = 'position:fixed;left:-10000px;top:0;width:800px;height:480px;overflow:hidden;visibility:hidden';
    lot.setAttribute('aria-hidden', 'true');
    lot.inert = true;
    document.body.append(lot);
  }
  lot.append(element);
}
