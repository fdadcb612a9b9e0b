import type { ServerConnection } from '@jupyterlab/services';

import type { IRunStates, IStepState } from './types';

/** Something that happened to a run or to one of its steps. */
export interface IRunEvent {
  run: string;
  notebook: string | null;
  at: number;
  kind: string;
  step: string | null;
  data: Record<string, unknown>;
}

/** What the server says to who follows a run. */
export type StreamMessage =
  | { type: 'run'; run: IRunStates; position: number }
  | {
      type: 'event';
      event: IRunEvent;
      state: IStepState | null;
      position: number;
    }
  | { type: 'log'; step: string; offset: number; next: number; text: string }
  | { type: 'error'; message: string; cure: string | null };

const SOON = 500; // ms until a lost connection is tried again
const LATE = 10000; // ms, after it has failed several times
const ENDED = 1000; // the close code after the end of a run

/** Follows one run; a lost connection is taken up where it broke off. */
export class RunStream {
  constructor(
    private readonly _url: string,
    private readonly _settings: ServerConnection.ISettings,
    private readonly _listener: (message: StreamMessage) => void
  ) {
    this._connect();
  }

  /** Whether nothing more will come. */
  get isDisposed(): boolean {
    return this._disposed;
  }

  /** Get the log of a step from a byte on, and all that is added to it. */
  follow(step: string, offset = 0): void {
    this._logs.set(step, offset);
    this._send({ follow: step, offset });
  }

  /** Get no more of the log of a step. */
  unfollow(step: string): void {
    this._logs.delete(step);
    this._send({ unfollow: step });
  }

  dispose(): void {
    this._disposed = true;
    window.clearTimeout(this._timer);
    this._socket?.close();
  }

  private _connect(): void {
    const query = new URLSearchParams();
    if (this._position !== null) {
      query.set('position', `${this._position}`);
    }
    if (this._settings.appendToken && this._settings.token) {
      query.set('token', this._settings.token);
    }
    const socket = new this._settings.WebSocket(`${this._url}?${query}`);
    this._socket = socket;
    socket.onopen = () => {
      this._wait = SOON;
      for (const [step, offset] of this._logs) {
        this._send({ follow: step, offset });
      }
    };
    socket.onmessage = event => {
      if (!this._disposed) {
        this._hear(JSON.parse(`${event.data}`) as StreamMessage);
      }
    };
    socket.onclose = event => {
      if (event.code === ENDED) {
        this._disposed = true;
      }
      if (!this._disposed) {
        this._timer = window.setTimeout(() => this._connect(), this._wait);
        this._wait = Math.min(2 * this._wait, LATE);
      }
    };
  }

  private _hear(message: StreamMessage): void {
    if (message.type === 'run' || message.type === 'event') {
      this._position = message.position;
    } else if (message.type === 'log') {
      // A part may be under way when a log is followed from elsewhere.
      if (this._logs.get(message.step) !== message.offset) {
        return;
      }
      this._logs.set(message.step, message.next);
    }
    this._listener(message);
  }

  private _send(message: Record<string, unknown>): void {
    if (this._socket?.readyState === WebSocket.OPEN) {
      this._socket.send(JSON.stringify(message));
    }
  }

  private _disposed = false;
  private _position: number | null = null;
  private _socket: WebSocket | null = null;
  private _timer = 0;
  private _wait = SOON;
  private readonly _logs = new Map<string, number>();
}
