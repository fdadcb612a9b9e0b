import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { KfxError } from '../api';
import type {
  Api,
  IRunStates,
  IStepState,
  RunStream,
  StreamMessage
} from '../api';

/** Who reads the log of a step, and how far it has come. */
interface IReader {
  take: (text: string) => void;
  fail: (error: unknown) => void;
  offset: number;
}

/** The last run of one notebook, as it goes. */
export class FollowedRun {
  constructor(private readonly _api: Api) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** How the run stands. */
  get states(): IRunStates | null {
    return this._states;
  }

  /** Return how a step is doing. */
  state(step: string): IStepState | undefined {
    return this._states?.steps.find(state => state.step === step);
  }

  /** Find the last run of a notebook, which may be running still. */
  async find(path: string): Promise<void> {
    const [last] = await this._api.runs(path, 1);
    if (last && !this._states) {
      await this.follow(last.run);
    }
  }

  async follow(run: string): Promise<void> {
    const states = await this._api.run(run);
    if (this._gone) {
      return;
    }
    this._stream?.dispose();
    this._readers.clear();
    this._states = states;
    this._stream =
      states.status === 'running'
        ? this._api.stream(run, message => this._hear(message))
        : null;
    this._changed.emit();
  }

  async cancel(): Promise<void> {
    if (this._states) {
      await this._api.cancel(this._states.run);
    }
  }

  /** Read the log of a step from its beginning on, as it grows; return what ends that. */
  read(
    step: string,
    take: (text: string) => void,
    fail: (error: unknown) => void
  ): () => void {
    const reader: IReader = { take, fail, offset: 0 };
    this._readers.set(step, reader);
    const stream = this._stream;
    if (stream && this._states?.status === 'running') {
      stream.follow(step);
    } else {
      void this._readRest(step, reader);
    }
    return () => {
      if (this._readers.get(step) === reader) {
        this._readers.delete(step);
        stream?.unfollow(step);
      }
    };
  }

  /** Return an executed step as a notebook; null if it has left none. */
  async notebook(step: string): Promise<unknown> {
    try {
      return await this._api.notebook(this._states?.run ?? '', step);
    } catch (error) {
      if (error instanceof KfxError && error.status === 404) {
        return null;
      }
      throw error;
    }
  }

  dispose(): void {
    this._gone = true;
    this._stream?.dispose();
    Signal.clearData(this);
  }

  private _hear(message: StreamMessage): void {
    const states = this._states;
    switch (message.type) {
      case 'run':
        this._states = message.run;
        if (message.run.status !== 'running') {
          // Who has asked for a log at the last moment may not have been heard.
          for (const [step, reader] of this._readers) {
            void this._readRest(step, reader);
          }
        }
        break;
      case 'event': {
        const next = message.state;
        if (states && next) {
          this._states = {
            ...states,
            steps: states.steps.map(old =>
              old.step === next.step ? next : old
            )
          };
        }
        break;
      }
      case 'log': {
        const reader = this._readers.get(message.step);
        if (reader?.offset === message.offset) {
          reader.offset = message.next;
          reader.take(message.text);
        }
        return;
      }
      default:
        return;
    }
    this._changed.emit();
  }

  private async _readRest(step: string, reader: IReader): Promise<void> {
    const run = this._states?.run ?? '';
    try {
      for (;;) {
        const from = reader.offset;
        const part = await this._api.log(run, step, from);
        if (
          !part.text ||
          from !== reader.offset ||
          this._readers.get(step) !== reader
        ) {
          return;
        }
        reader.offset = part.offset;
        reader.take(part.text);
      }
    } catch (error) {
      reader.fail(error);
    }
  }

  private _states: IRunStates | null = null;
  private _stream: RunStream | null = null;
  private _gone = false;
  private readonly _readers = new Map<string, IReader>();
  private readonly _changed = new Signal<this, void>(this);
}
