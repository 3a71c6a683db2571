// Sample hosts: one of each kind of health, a doctor's report that names a missing plugin, and a sandbox.
import type { DoctorStep, HostHealth, HostList, SandboxProgress, SandboxView } from '../types/host';
import type { SampleOptions } from './options';

export const SANDBOX = 'taskwright-sandbox';
const FILE = '/home/you/.kube/config';

export function hostList(options: SampleOptions): HostList {
  const sandbox = { name: SANDBOX, file: '/home/you/.local/share/taskwright/kubeconfig', server: 'https://10.42.0.1:6443', default: options.hosts !== 'none', sandbox: true, namespaceDefault: null };
  if (options.hosts === 'none') return { hosts: [{ ...sandbox, server: null }], problems: [] };
  return {
    hosts: [
      sandbox,
      { name: 'assessments-eu', file: FILE, server: 'https://k8s.assessments.example:6443', default: false, sandbox: false, namespaceDefault: 'tasks' },
      { name: 'staging-read-only', file: FILE, server: 'https://staging.example:6443', default: false, sandbox: false, namespaceDefault: null },
      { name: 'eks-training', file: '/home/you/.kube/training.yaml', server: 'https://4f1c.eks.example', default: false, sandbox: false, namespaceDefault: null },
    ],
    problems: [{ file: '/home/you/.kube/old-lab.yaml', message: 'line 14: mapping values are not allowed here' }],
  };
}

export function health(context: string, options: SampleOptions): HostHealth {
  const base: HostHealth = { context, state: 'reachable', version: 'v1.36.3', latencyMs: 4, problem: null, hints: [], nodes: 3, pools: [{ pool: 'control', nodes: 1 }, { pool: 'task', nodes: 2 }], missing: [], checkedAt: new Date().toISOString() };
  if (context === SANDBOX) return options.sandbox === 'up' ? base : { ...base, state: 'unreachable', version: null, latencyMs: null, problem: 'the sandbox is down', hints: ['Bring it up: it takes about a minute.'], nodes: null, pools: [] };
  if (context === 'assessments-eu') return { ...base, version: 'v1.35.1', latencyMs: 38, nodes: 14, pools: [{ pool: 'control', nodes: 4 }, { pool: 'task', nodes: 10 }] };
  if (context === 'staging-read-only') {
    return { ...base, state: 'limited', version: 'v1.34.6', latencyMs: 52, nodes: 6, pools: [{ pool: 'task', nodes: 6 }], problem: 'two rights are missing', missing: [{ verb: 'create', resource: 'namespaces', why: 'each preview lives in its own namespace' }, { verb: 'create', resource: 'networkpolicies.networking.k8s.io', why: 'the boundary around the candidate' }], hints: ['Ask the administrator for these rights, or choose another host.'] };
  }
  return { ...base, state: 'unreachable', version: null, latencyMs: null, nodes: null, pools: [], problem: 'the credential plugin aws-iam-authenticator is not on the PATH', hints: ['Install it, or add its folder to the PATH that your login shell sets.'] };
}

export function doctor(context: string, options: SampleOptions): DoctorStep[] {
  return context === 'eks-training' ? brokenPlugin() : context === 'staging-read-only' ? limited() : context === SANDBOX && options.sandbox !== 'up' ? down() : well(context);
}

const ok = (name: DoctorStep['name'], title: string, detail: string): DoctorStep => ({ name, title, state: 'ok', detail, fix: null, raw: null });
const skipped = (name: DoctorStep['name'], title: string): DoctorStep => ({ name, title, state: 'skipped', detail: 'not tried: an earlier step failed', fix: null, raw: null });

function well(context: string): DoctorStep[] {
  return [
    ok('kubeconfig', 'Kubeconfig', `context ${context} found, user and cluster are complete`),
    ok('credentials', 'Credentials', 'client certificate, valid until 2027-11-24'),
    ok('dns', 'Name', 'k8s.assessments.example is 10.20.0.12'),
    ok('tcp', 'Connection', 'connected in 11 ms, no proxy'),
    ok('tls', 'TLS', 'certificate of the server is signed by the context’s authority'),
    ok('api', 'API', 'v1.35.1 answered in 38 ms'),
    ok('permissions', 'Permissions', 'all 23 rights that a boot needs'),
    ok('storage', 'Storage', 'class fast-ssd is the default and makes volumes when they are first used'),
    ok('pools', 'Pools', 'control: 4 nodes, task: 10 nodes'),
  ];
}

function limited(): DoctorStep[] {
  const steps = well('staging-read-only');
  steps[6] = { name: 'permissions', title: 'Permissions', state: 'failed', detail: '2 of 23 rights are missing: create namespaces, create networkpolicies', fix: 'Ask the administrator for these rights, or choose another host.', raw: 'SelfSubjectAccessReview create namespaces: no\nSelfSubjectAccessReview create networkpolicies.networking.k8s.io: no' };
  steps[8] = { name: 'pools', title: 'Pools', state: 'warning', detail: 'no control pool: control planes will share nodes with tasks', fix: 'Label the nodes that should carry control planes.', raw: null };
  return steps;
}

function down(): DoctorStep[] {
  return [ok('kubeconfig', 'Kubeconfig', 'written by the sandbox'), { name: 'tcp', title: 'Connection', state: 'failed', detail: 'nothing listens at 10.42.0.1:6443', fix: 'Bring the sandbox up.', raw: 'connect: connection refused' }, skipped('tls', 'TLS'), skipped('api', 'API'), skipped('permissions', 'Permissions'), skipped('pools', 'Pools')];
}

function brokenPlugin(): DoctorStep[] {
  return [
    ok('kubeconfig', 'Kubeconfig', 'context eks-training found in /home/you/.kube/training.yaml'),
    { name: 'plugin', title: 'Credential plugin', state: 'failed', detail: 'aws-iam-authenticator is not on the PATH of this app', fix: 'Your login shell has it in /home/you/.local/bin: use the login shell’s PATH.', raw: 'exec: "aws-iam-authenticator": executable file not found in $PATH\nPATH of the app: /usr/local/bin:/usr/bin:/bin\nPATH of the login shell: /home/you/.local/bin:/usr/local/bin:/usr/bin:/bin' },
    skipped('credentials', 'Credentials'), ok('dns', 'Name', '4f1c.eks.example is 10.31.4.20'), ok('tcp', 'Connection', 'connected in 24 ms, no proxy'), ok('tls', 'TLS', 'certificate of the server is signed by the context’s authority'), skipped('api', 'API'), skipped('permissions', 'Permissions'), skipped('storage', 'Storage'), skipped('pools', 'Pools'),
  ];
}

export function sandbox(options: SampleOptions): SandboxView {
  if (options.sandbox === 'unsupported') return { ...nothing, state: 'unsupported', why: 'the sandbox needs Linux with cgroup v2' };
  return options.sandbox === 'down' ? { ...nothing, needs: { ...nothing.needs, root: !options.root } } : running;
}

const nothing: SandboxView = { state: 'down', why: null, needs: { root: true, packages: ['iproute2', 'iptables', 'conntrack'], buildMinutes: 6 }, parts: [], nodes: [], memoryBytes: 0, diskBytes: 0, kubeconfig: null };
const part = (name: string, node: string | null, version: string, megabytes: number) => ({ name, node, running: true, version, memoryBytes: megabytes * 1e6 });
const running: SandboxView = {
  state: 'up', why: null, needs: { root: true, packages: [], buildMinutes: null },
  parts: [
    part('etcd', null, '3.6.5', 58), part('kube-apiserver', null, '1.36.3', 312), part('kube-controller-manager', null, '1.36.3', 71), part('kube-scheduler', null, '1.36.3', 42), part('registry', null, '3.0.0', 24),
    part('containerd', 'control-1', '2.2.0', 49), part('kubelet', 'control-1', '1.36.3', 63), part('containerd', 'task-1', '2.2.0', 53), part('kubelet', 'task-1', '1.36.3', 66), part('containerd', 'task-2', '2.2.0', 51), part('kubelet', 'task-2', '1.36.3', 64),
  ],
  nodes: [{ name: 'control-1', pool: 'control', ready: true }, { name: 'task-1', pool: 'task', ready: true }, { name: 'task-2', pool: 'task', ready: true }],
  memoryBytes: 853e6, diskBytes: 3.4e9, kubeconfig: '/home/you/.local/share/taskwright/kubeconfig',
};

const STEPS: [string, string, number][] = [
  ['tools', 'Building the binaries', 2400], ['network', 'Making the bridge and three network namespaces', 500], ['plane', 'Starting etcd, API server, scheduler, controllers', 2600],
  ['nodes', 'Starting three nodes', 2200], ['addons', 'Installing network policies and storage', 2800], ['ready', 'Waiting for every node to be Ready', 1400],
];

/** What bringing the sandbox up reports, with when it does. */
export function sandboxProgress(up: boolean): { after: number; item: SandboxProgress }[] {
  const steps: [string, string, number][] = up ? STEPS : [['nodes', 'Stopping three nodes', 900], ['plane', 'Stopping the control plane', 500], ['network', 'Removing bridge and namespaces', 300]];
  let at = 0;
  return steps.flatMap(([step, text, ms], index) => {
    const began = { after: at, item: { at, text, step, state: 'began' as const, done: index, of: steps.length } };
    at += ms;
    return [began, { after: at, item: { at, text, step, state: 'ended' as const, done: index + 1, of: steps.length } }];
  });
}
