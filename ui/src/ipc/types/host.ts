// Types of hosts: contexts, health, the doctor, the sandbox.
export type { DoctorStep, HostHealth, HostList, HostView, SandboxProgress, SandboxView } from './generated';
