import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import type { Api, IRun } from '../api';

const SOON = 1000; // ms between two looks while a run is going on
const LATER = 5000; // ms otherwise

/** What runs are shown. */
export interface IFilter {
  status: string;
  notebook: string;
  text: string;
}

/** The runs in the store, as they come and go while somebody looks. */
export class RunList {
  constructor(readonly api: Api) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get runs(): readonly IRun[] {
    return this._runs;
  }

  /** Why nothing new is known. */
  get problem(): unknown {
    return this._problem;
  }

  /** Look again and again, or no more. */
  set watching(on: boolean) {
    this._on = on;
    window.clearTimeout(this._timer);
    if (on) {
      void this.refresh();
    }
  }

  /** Look now. */
  async refresh(): Promise<void> {
    try {
      this._runs = await this.api.allRuns();
      this._problem = null;
    } catch (error) {
      // The server may be on its way back.
      this._problem = error;
    }
    this._changed.emit();
    window.clearTimeout(this._timer);
    if (this._on) {
      const busy = this._runs.some(run => run.status === 'running');
      this._timer = window.setTimeout(
        () => void this.refresh(),
        busy ? SOON : LATER
      );
    }
  }

  private _runs: readonly IRun[] = [];
  private _problem: unknown = null;
  private _on = false;
  private _timer = 0;
  private readonly _changed = new Signal<this, void>(this);
}

/** Return the runs that a filter lets through. */
export function filtered(runs: readonly IRun[], filter: IFilter): IRun[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return runs.filter(run => {
    const { run: id, pipeline, parameters, metrics } = run;
    const said = JSON.stringify([id, pipeline, parameters, metrics]);
    return (
      (!filter.status || run.status === filter.status) &&
      (!filter.notebook || run.notebook === filter.notebook) &&
      words.every(word => said.toLowerCase().includes(word))
    );
  });
}

/** Return how many seconds a run took, or has taken until now. */
export function secondsOf(run: IRun): number {
  const end = run.ended ? Date.parse(run.ended) : Date.now();
  return Math.max(0, (end - Date.parse(run.started)) / 1000);
}
