// Starts the window: error handlers first, then the transport, then the app.
import './shared/theme/base.css';
import '@xterm/xterm/css/xterm.css';

const early: string[] = [];
const show = (text: string) => {
  early.push(text);
  console.error(text);
  const app = document.getElementById('app');
  if (app && app.childElementCount === 0) {
    app.style.cssText = 'padding:24px;white-space:pre-wrap;font:13px/20px system-ui';
    app.textContent = `Taskwright could not start its window.\n\n${early.join('\n')}`;
  }
};
addEventListener('error', (event) => event.message.includes('ResizeObserver') || show(event.message));
addEventListener('unhandledrejection', (event) => show(String(event.reason?.message ?? event.reason)));
addEventListener('securitypolicyviolation', (event) => show(`The security policy refused ${event.blockedURI} (${event.violatedDirective})`));

void import('./app/start').then(({ start }) => start());
