// The words for the groups of steps, details and causes: the one place where a boot's events become language.
import type { Cause, Detail, StepId } from '#ipc/types/boot';
import { count } from '#shared/words';

/** The heading a step stands under. */
export function stepGroup(step: StepId): 'phase' | 'dependency' | 'init' {
  if (step.startsWith('dependency/')) return 'dependency';
  return step.startsWith('init/') ? 'init' : 'phase';
}

/** What a step is doing right now. */
export function detail(what: Detail): string {
  switch (what.doing) {
    case 'reading-host':
      return 'reading what the host has and allows';
    case 'rendering':
      return `rendering chart ${what.chart}`;
    case 'installing':
      return `installing chart ${what.chart} with its hooks`;
    case 'applying':
      return `applying ${count(what.objects, 'object')}`;
    case 'retrying':
      return `trying ${what.object} again: ${what.reason}`;
    case 'pod':
      return `pod ${what.pod}: ${what.state}`;
    case 'gate':
      return `${what.gate}: ${what.reason}`;
    case 'api':
      return `API: ${what.reason}`;
    case 'room':
      return `room in the ${what.pool} pool`;
    case 'script':
      return `running ${what.path}`;
  }
}

export interface CauseWords {
  /** One line: what happened. */
  what: string;
  /** One line: why we think so. */
  why: string;
  /** The object or file it is about. */
  about: string | null;
  remedy: string;
}

/** What a cause says to people. */
export function causeWords(cause: Cause): CauseWords {
  switch (cause.kind) {
    case 'permission':
      return words(`Not allowed on the host: ${cause.missing.join(', ')}`, 'The host answered our access review with no.', null, 'Ask the host’s administrator for these rights, or choose another host.');
    case 'misfit':
      return words('The bundle does not fit this host', cause.problems.join('; '), 'task.yaml', 'Change the bundle, or choose a host that fits.');
    case 'unreachable':
      return words(`${cause.api} cannot be reached`, cause.message, null, 'Look at the connection with the doctor, then boot again.');
    case 'no-room':
      return words(`No usable node in the ${cause.pool} pool`, 'No Ready node carries the labels of the pool.', null, 'Add a Ready node with the pool’s labels, or change the pool in the host’s settings.');
    case 'image-pull':
      return words(`Image ${cause.image} cannot be pulled`, cause.message, `pod/${cause.pod}`, 'Check the image’s name and tag, and that the host’s nodes can reach its registry.');
    case 'unschedulable':
      return words(`Pod ${cause.pod} cannot be scheduled`, cause.message, `pod/${cause.pod}`, 'Lower the requests, or give the host’s task pool a node with enough room.');
    case 'quota':
      return words(`Quota exceeded for ${cause.object}`, cause.message, cause.object, 'Raise environment.resources in task.yaml, or lower what the task asks for.');
    case 'denied':
      return words(`${cause.object} was denied`, cause.message, cause.object, 'Change the object, or environment.podSecurity in task.yaml if pod security is the reason.');
    case 'refused':
      return words(`${cause.object} was refused`, cause.message, cause.object, 'Correct the object in the bundle.');
    default:
      return runtimeWords(cause);
  }
}

type Runtime = Extract<Cause, { kind: 'crash-loop' | 'out-of-memory' | 'pod' | 'volume' | 'container' | 'job' | 'script' | 'not-idempotent' | 'not-served' | 'webhook' | 'namespace-stuck' | 'chart' | 'timed-out' | 'lost' }>;

function runtimeWords(cause: Runtime): CauseWords {
  switch (cause.kind) {
    case 'crash-loop':
      return words(`Container ${cause.container} of pod ${cause.pod} keeps crashing`, cause.code === null ? 'It starts and ends again and again.' : `It starts and ends again and again, last with exit code ${cause.code}.`, `pod/${cause.pod}`, 'Read the container’s last lines below and correct its command or settings.');
    case 'out-of-memory':
      return words(`Container ${cause.container} of pod ${cause.pod} needs more memory than its limit`, 'The kernel ended it for that reason.', `pod/${cause.pod}`, 'Raise the container’s memory limit, or make it use less.');
    case 'pod':
      return words(`Pod ${cause.pod} cannot run`, cause.message, `pod/${cause.pod}`, 'Look at the pod’s volumes, and at its node on the host.');
    case 'volume':
      return words(`No volume for ${cause.object}`, cause.message, cause.object, 'Look at the host’s storage class and its provisioner, or choose another class.');
    case 'container':
      return words(`Container ${cause.container} of pod ${cause.pod} cannot be created`, cause.message, `pod/${cause.pod}`, 'Correct the pod’s volumes, environment or command.');
    case 'job':
      return words(`Job ${cause.job} failed`, cause.message, `job/${cause.job}`, 'Read the job’s last lines below and correct it.');
    case 'script':
      return words(`${cause.path} ended with exit code ${cause.code}`, 'The script itself ended so; its last lines are below.', cause.path, 'Read the script’s last lines and correct it.');
    case 'not-idempotent':
      return words(`${cause.path} cannot be run twice`, `It succeeded, but ended with exit code ${cause.code} when it was run again.`, cause.path, 'Let the script look for what it has made before it makes it.');
    case 'not-served':
      return words(`The API server does not serve ${cause.crd}`, cause.message, cause.crd, 'Correct the definition’s names and versions as the API server says.');
    case 'webhook':
      return words(`${cause.object} waits for webhook ${cause.webhook}, which does not answer`, cause.message, cause.object, 'Look at the webhook’s pod and Service; let what needs it wait with a dryRun gate.');
    case 'namespace-stuck':
      return words(`${cause.object} cannot be made: its namespace is being deleted`, cause.message, cause.object, 'Remove the finalizers of what is left in the namespace, or use another namespace.');
    case 'chart':
      return words(`Chart ${cause.chart} cannot be rendered`, cause.message, cause.chart, 'Correct the chart or its values.');
    case 'timed-out':
      return words(`Not done after ${cause.seconds} s`, `It was still waiting for ${cause.waiting_for}.`, null, 'Look at what it waits for; raise the step’s timeout if it only needs longer.');
    case 'lost':
      return words(`The connection to pod ${cause.pod} was lost`, cause.message, `pod/${cause.pod}`, 'Boot again; if it happens again, look at the pod.');
  }
}

function words(what: string, why: string, about: string | null, remedy: string): CauseWords {
  return { what, why, about, remedy };
}
