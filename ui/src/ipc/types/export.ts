// Types of locking and exporting: what is pinned, what would be shipped, what has changed, what becomes of it.
export type {
  ExportChanges, ExportEvent, ExportFileChange, ExportObstacle, ExportReason, ExportSurvey, ExportTiming, ExportView, ExportWish, Layer, LockedBundle, LockEvent,
  Replaced,
} from './generated';
