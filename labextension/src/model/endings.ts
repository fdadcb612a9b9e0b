import type { IRun } from '../api';
import { secondsOf } from './runs';

/** Tells of each long run that ends while it is looked at. */
export class Endings {
  constructor(private readonly _tell: (run: IRun) => void) {}

  /** Seconds that a run must have taken; nothing is told if they are negative. */
  least = 10;

  /** Take in how a run stands. */
  see(run: IRun): void {
    if (run.status === 'running') {
      this._running.add(run.run);
    } else if (this._running.delete(run.run)) {
      if (this.least >= 0 && secondsOf(run) >= this.least) {
        this._tell(run);
      }
    }
  }

  private readonly _running = new Set<string>();
}
