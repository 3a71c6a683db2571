// Types of running previews: the inventory, objects, events, logs, terminals.
import type { ObjectKind } from './generated';

export type { EventRow, HostPod, LogLine, ObjectChange, ObjectKind, ObjectRow, PreviewView, TerminalState, TerminalView } from './generated';

/** In the order in which they are shown. */
export const OBJECT_KINDS = [
  'pods', 'deployments', 'statefulsets', 'jobs', 'services', 'ingresses', 'networkpolicies', 'configmaps', 'secrets',
  'persistentvolumeclaims', 'nodes', 'namespaces', 'customresourcedefinitions',
] as const satisfies readonly ObjectKind[];
