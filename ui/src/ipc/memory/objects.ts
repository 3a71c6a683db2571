// Sample objects, events and logs of the task "The orders are gone", as its vCluster holds them.
import type { EventRow, HostPod, LogLine, ObjectKind, ObjectRow } from '../types/preview';

const began = Date.now() - 13 * 60_000;
const since = (seconds: number) => new Date(began + seconds * 1000).toISOString();

type Tone = ObjectRow['status']['tone'];

function row(kind: string, apiVersion: string, namespace: string | null, name: string, text: string, tone: Tone, columns: Record<string, string>, seconds = 22, hostPod: string | null = null): ObjectRow {
  return { uid: `${kind}/${namespace ?? ''}/${name}`, kind, apiVersion, namespace, name, status: { text, tone }, age: since(seconds), columns: Object.entries(columns), hostPod };
}

const HOST_SUFFIX = 'x-postgres-recovery-l3rb3';

export const OBJECTS: Record<ObjectKind, ObjectRow[]> = {
  pods: [
    row('Pod', 'v1', 'default', 'tty', 'Running', 'ok', { Ready: '1/1', Restarts: '0', Node: 'task-1' }, 22, `tty-x-default-${HOST_SUFFIX}`),
    row('Pod', 'v1', 'kube-system', 'coredns-b6956444c-mcb95', 'Running', 'ok', { Ready: '1/1', Restarts: '0', Node: 'control-1' }, 21, `coredns-b6956444c-mcb95-x-kube-system-${HOST_SUFFIX}`),
    row('Pod', 'v1', 'shop', 'orders-0', 'Running', 'ok', { Ready: '1/1', Restarts: '0', Node: 'task-2' }, 45, `orders-0-x-shop-${HOST_SUFFIX}`),
    row('Pod', 'v1', 'shop', 'report-28441920-x7k2d', 'CrashLoopBackOff', 'bad', { Ready: '0/1', Restarts: '4', Node: 'task-1' }, 400, `report-28441920-x7k2d-x-shop-${HOST_SUFFIX}`),
    row('Pod', 'v1', 'shop', 'cart-7f9c6b4d8-2mvqp', 'ContainerCreating', 'busy', { Ready: '0/1', Restarts: '0', Node: 'task-2' }, 770, `cart-7f9c6b4d8-2mvqp-x-shop-${HOST_SUFFIX}`),
  ],
  deployments: [row('Deployment', 'apps/v1', 'kube-system', 'coredns', 'Available', 'ok', { Ready: '1/1', 'Up to date': '1' }, 21), row('Deployment', 'apps/v1', 'shop', 'cart', '0 of 1 available', 'busy', { Ready: '0/1', 'Up to date': '1' }, 770)],
  statefulsets: [row('StatefulSet', 'apps/v1', 'shop', 'orders', 'Ready', 'ok', { Ready: '1/1', Service: 'orders' }, 45)],
  jobs: [row('Job', 'batch/v1', 'shop', 'report-28441920', 'Failing', 'bad', { Completions: '0/1' }, 400)],
  services: [row('Service', 'v1', 'default', 'kubernetes', '', 'none', { Type: 'ClusterIP', 'Cluster IP': '10.96.0.1', Ports: '443/TCP' }, 20), row('Service', 'v1', 'kube-system', 'kube-dns', '', 'none', { Type: 'ClusterIP', 'Cluster IP': '10.96.114.9', Ports: '53/UDP, 53/TCP' }, 21), row('Service', 'v1', 'shop', 'orders', '', 'none', { Type: 'ClusterIP', 'Cluster IP': 'None', Ports: '5432/TCP' }, 22)],
  ingresses: [],
  networkpolicies: [],
  configmaps: [row('ConfigMap', 'v1', 'default', 'kube-root-ca.crt', '', 'none', { Data: '1' }, 20), row('ConfigMap', 'v1', 'kube-system', 'coredns', '', 'none', { Data: '2' }, 21), row('ConfigMap', 'v1', 'shop', 'kube-root-ca.crt', '', 'none', { Data: '1' }, 22)],
  secrets: [row('Secret', 'v1', 'shop', 'orders', '', 'none', { Type: 'Opaque', Data: '1' }, 22)],
  persistentvolumeclaims: [row('PersistentVolumeClaim', 'v1', 'shop', 'data-orders-0', 'Bound', 'ok', { Volume: 'pvc-0b1d…', Capacity: '1Gi', Class: 'sandbox' }, 22), row('PersistentVolumeClaim', 'v1', 'shop', 'pgdata-orders-0', 'Bound', 'ok', { Volume: 'pvc-9c44…', Capacity: '1Gi', Class: 'sandbox' }, 45)],
  nodes: [row('Node', 'v1', null, 'control-1', 'Ready', 'ok', { Version: 'v1.36.3' }, 21), row('Node', 'v1', null, 'task-1', 'Ready', 'ok', { Version: 'v1.36.3' }, 22), row('Node', 'v1', null, 'task-2', 'Ready', 'ok', { Version: 'v1.36.3' }, 24)],
  namespaces: ['default', 'kube-node-lease', 'kube-public', 'kube-system', 'shop'].map((name) => row('Namespace', 'v1', null, name, 'Active', 'ok', {}, 20)),
  customresourcedefinitions: [],
};

const event = (seconds: number, type: EventRow['type'], reason: string, object: string, message: string, from: EventRow['from'], count = 1): EventRow => ({ id: `${from}/${object}/${reason}/${seconds}`, at: since(seconds), type, reason, object, message, count, from });

export const EVENTS: EventRow[] = [
  event(21.8, 'Normal', 'Scheduled', 'kube-system/coredns-b6956444c-mcb95', 'Successfully assigned to control-1', 'host'),
  event(22.4, 'Normal', 'Scheduled', 'default/tty', 'Successfully assigned to task-1', 'host'),
  event(22.8, 'Warning', 'FailedScheduling', 'shop/orders-0', 'pod has unbound immediate PersistentVolumeClaims', 'task', 2),
  event(23.9, 'Normal', 'SuccessfulAttachVolume', 'shop/orders-0', 'Volume pvc-0b1d… is attached', 'host'),
  event(28.9, 'Normal', 'Pulled', 'shop/orders-0', 'Container image "postgres:15" already present on machine', 'host'),
  event(29.1, 'Normal', 'Started', 'shop/orders-0', 'Started container postgres', 'host'),
  event(31.4, 'Warning', 'Unhealthy', 'shop/orders-0', 'Readiness probe failed: 127.0.0.1:5432 - no response', 'host', 9),
  event(42.9, 'Normal', 'SuccessfulDelete', 'shop/orders', 'delete Pod orders-0 in StatefulSet orders successful', 'task'),
  event(45.1, 'Normal', 'SuccessfulCreate', 'shop/orders', 'create Claim pgdata-orders-0 Pod orders-0 in StatefulSet orders success', 'task'),
  event(430, 'Warning', 'BackOff', 'shop/report-28441920-x7k2d', 'Back-off restarting failed container report', 'host', 14),
];

export function hostPod(name: string): HostPod {
  return {
    pod: `${name}-x-shop-${HOST_SUFFIX}`, node: 'task-2', phase: 'Running',
    conditions: [['PodReadyToStartContainers', 'True'], ['Initialized', 'True'], ['ContainersReady', 'True'], ['Ready', 'True'], ['PodScheduled', 'True']].map(([type, status]) => ({ type: type ?? '', status: status ?? '', reason: null, message: null })),
    events: EVENTS.filter((one) => one.from === 'host' && one.object.endsWith(name)),
    containers: [{ name: 'postgres', image: 'postgres:15', ready: true, restarts: 0, state: 'running' }, { name: 'exporter', image: 'postgres-exporter:0.16', ready: true, restarts: 0, state: 'running' }],
  };
}

const LOG = `PostgreSQL Database directory appears to contain a database; Skipping initialization
LOG:  starting PostgreSQL 15.14 (Debian 15.14-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc (Debian 12.2.0-14) 12.2.0, 64-bit
LOG:  listening on IPv4 address "0.0.0.0", port 5432
LOG:  listening on IPv6 address "::", port 5432
LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"
LOG:  database system was shut down at 2026-11-24 02:58:01 UTC
LOG:  database system is ready to accept connections
ERROR:  relation "orders" does not exist at character 22
STATEMENT:  select count(*) from orders
LOG:  checkpoint starting: time
LOG:  checkpoint complete: wrote 44 buffers (0.3%); 0 WAL file(s) added, 0 removed, 0 recycled; write=4.412 s, sync=0.021 s, total=4.447 s`;

export function logLines(): LogLine[] {
  return LOG.split('\n').map((text, index) => ({ at: since(46 + index * 0.4), text }));
}

export function objectYaml(kind: string, namespace: string | null, name: string): string {
  return `apiVersion: v1
kind: ${kind}
metadata:
  name: ${name}
${namespace ? `  namespace: ${namespace}\n` : ''}  labels:
    app: orders
    apps.kubernetes.io/pod-index: "0"
  ownerReferences:
  - apiVersion: apps/v1
    kind: StatefulSet
    name: orders
    controller: true
spec:
  containers:
  - name: postgres
    image: postgres:15
    ports:
    - containerPort: 5432
      name: postgres
    volumeMounts:
    - mountPath: /var/lib/postgresql/data
      name: pgdata
  volumes:
  - name: pgdata
    persistentVolumeClaim:
      claimName: pgdata-orders-0
status:
  phase: Running
`;
}
