import type { IRunStates, IStepState } from '../api';
import type { ITranslate } from './translate';

/** The sign of a status. */
export const SIGNS: Record<string, string> = {
  queued: '○',
  running: '◐',
  waiting: '◔',
  succeeded: '✓',
  cached: '↺',
  failed: '✗',
  skipped: '–',
  cancelled: '■',
  lost: '?'
};

/** Return the status of a step; one taken from the cache has mostly succeeded. */
export function statusOf(state: IStepState): string {
  return state.cached && state.status !== 'skipped' ? 'cached' : state.status;
}

/** Return the word for a status. */
export function statusWord(status: string, trans: ITranslate): string {
  const words: Record<string, string> = {
    queued: trans.__('queued'),
    running: trans.__('running'),
    waiting: trans.__('waits for steps above'),
    succeeded: trans.__('succeeded'),
    cached: trans.__('from the cache'),
    failed: trans.__('failed'),
    skipped: trans.__('skipped'),
    cancelled: trans.__('cancelled'),
    lost: trans.__('lost')
  };
  return words[status] ?? status;
}

/** Return how a step is doing, in a few words. */
export function statusText(state: IStepState, trans: ITranslate): string {
  const status = statusOf(state);
  const said = [statusWord(status, trans)];
  const seconds =
    status === 'running' && state.started
      ? Math.max(0, Date.now() / 1000 - state.started)
      : state.seconds;
  if (['running', 'succeeded', 'failed'].includes(status) && seconds !== null) {
    said.push(duration(seconds));
  }
  if (state.attempts > 1) {
    said.push(`×${state.attempts}`);
  }
  return said.join(' ');
}

/** Return how a run stands, in a sentence. */
export function runText(run: IRunStates, trans: ITranslate): string {
  const done = run.steps.filter(step =>
    ['succeeded', 'skipped'].includes(step.status)
  ).length;
  const words: Record<string, string> = {
    running: trans.__('Running: %1 of %2 steps done', done, run.steps.length),
    succeeded: trans.__('The run succeeded'),
    failed: trans.__('The run failed'),
    cancelled: trans.__('The run was cancelled'),
    lost: trans.__('The run was lost: its process is gone')
  };
  const said = words[run.status] ?? run.status;
  const metrics = pairs(run.metrics);
  return metrics ? `${said}: ${metrics}` : said;
}

/** Return what ended a run that no step did, and what to do. */
export function runProblem(run: IRunStates | null): string {
  return [run?.error?.message, run?.error?.cure].filter(Boolean).join(' ');
}

/** Return names and values as they are read. */
export function pairs(values: Record<string, unknown>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${written(value)}`)
    .join(', ');
}

/** Return a value as it is read; a number is not longer than it is known. */
export function written(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    return `${Number(value.toPrecision(6))}`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Return a duration as it is read. */
export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${Math.floor(seconds % 60)} s`;
}
