import type { IDiagnostic } from '../api';
import type { Session } from './session';

/** Something that is told about a cell, at its place. */
export interface IFinding extends IDiagnostic {
  /** The name of what cures it, and the cure; none if only a person can. */
  fix: { label: string; apply: () => void } | null;
}

/** Return what is told about the cells of a notebook: its diagnostics, a failed run. */
export function findingsOf(
  session: Session,
  fixOf: (diagnostic: IDiagnostic) => IFinding['fix']
): IFinding[] {
  const found = (session.analysis?.pipeline.diagnostics ?? []).map(each => ({
    ...each,
    fix: fixOf(each)
  }));
  const failed = session.failure;
  return failed ? [...found, { ...failed, fix: null }] : found;
}
