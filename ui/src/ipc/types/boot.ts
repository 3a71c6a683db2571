// Types of a boot's log.
import type { BootEvent } from './generated';

export type { BootEvent, BootResult, Cause, Detail, Failure, PreviewPlan, Step, StepId } from './generated';

/** What happened, without when. */
export type What = BootEvent extends infer Event ? (Event extends unknown ? Omit<Event, 'at'> : never) : never;
