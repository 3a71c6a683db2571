// Types of grading and proving: what checks come to, cases, the proof on disk.
export type {
  BootStep, CaseCheck, CaseKind, CaseTitle, CheckOutcome, Grade, GradedCheck, GradeEvent, Peaks, Played, Proof, ProofCase, ProofRun, ProofView, ProveEvent,
  ResourceUse,
} from './generated';
