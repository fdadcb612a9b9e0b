import type { IAnalysis, IEngine, ILogPart, IRunStates } from '../api';
import type { ITranslate } from '../view/translate';

const PATIENCE = 10_000; // ms that a kernel has to answer
const POLL = 500; // ms between two looks at a log

/** What anywidget hands a view, as far as it is used here. */
export interface IAnyModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  send(content: unknown): void;
  on(event: string, call: (content: unknown) => void): void;
  off(event: string, call: (content: unknown) => void): void;
}

const TRAITS = [
  'path',
  'engines',
  'analysis',
  'problem',
  'starting',
  'run',
  'selected'
];

/** The widget's side in the kernel. */
export class KernelModel {
  constructor(
    private readonly _model: IAnyModel,
    private readonly _trans: ITranslate
  ) {}

  get engines(): IEngine[] {
    return this._model.get('engines') as IEngine[];
  }
  get analysis(): IAnalysis | null {
    return this._model.get('analysis') as IAnalysis | null;
  }
  get problem(): string {
    return this._silence || (this._model.get('problem') as string);
  }
  get starting(): boolean {
    return this._model.get('starting') as boolean;
  }
  get run(): IRunStates | null {
    return this._model.get('run') as IRunStates | null;
  }
  get selected(): string | null {
    return this._model.get('selected') as string | null;
  }
  set selected(step: string | null) {
    this._model.set('selected', step);
    this._model.save_changes();
  }

  start(
    parameters: Record<string, unknown>,
    options: Record<string, unknown>
  ): void {
    this._tell({ kind: 'start', parameters, options });
  }

  cancel(): void {
    this._tell({ kind: 'cancel' });
  }

  /** Call a function whenever something has changed; return what ends that. */
  watch(call: () => void): () => void {
    this._draw = call;
    const hear = (): void => {
      window.clearTimeout(this._waiting);
      this._silence = '';
      call();
    };
    for (const trait of TRAITS) {
      this._model.on(`change:${trait}`, hear);
    }
    return () => {
      window.clearTimeout(this._waiting);
      for (const trait of TRAITS) {
        this._model.off(`change:${trait}`, hear);
      }
    };
  }

  /** Read the log of a step from its beginning on, as it grows; return what ends that. */
  read(
    step: string,
    reader: (text: string) => void,
    fail: (error: unknown) => void
  ): () => void {
    const run = this.run?.run ?? '';
    let timer = 0;
    let offset = 0;
    let gone = false;
    const look = async (): Promise<void> => {
      let isEnd = false;
      let pause = POLL;
      try {
        const part = await this._ask<ILogPart>('log', { run, step, offset });
        offset = part.offset;
        isEnd = part.ended && part.text === '';
        pause = part.text ? 0 : POLL;
        if (part.text && !gone) {
          reader(part.text);
        }
      } catch (error) {
        fail(error);
      }
      if (!isEnd && !gone) {
        timer = window.setTimeout(() => void look(), pause);
      }
    };
    void look();
    return () => {
      gone = true;
      window.clearTimeout(timer);
    };
  }

  /** Return the images of an executed step, as a notebook; null if it has left none. */
  async plots(step: string): Promise<unknown> {
    const run = this.run?.run ?? '';
    const answer = await this._ask<{ notebook: unknown }>('plots', {
      run,
      step
    });
    return answer.notebook;
  }

  /** Have the kernel do something; that is seen in what it changes. */
  private _tell(content: unknown): void {
    window.clearTimeout(this._waiting);
    this._waiting = window.setTimeout(() => {
      this._silence = this._silent;
      this._draw();
    }, PATIENCE);
    this._model.send(content); // which may throw where there is no kernel
  }

  /** Ask the kernel for something. */
  private _ask<T>(kind: string, of: Record<string, unknown>): Promise<T> {
    const asked = `${Math.random()}`;
    return new Promise((resolve, reject) => {
      const hear = (content: unknown): void => {
        const answer = content as T & { asked?: string };
        if (answer.asked === asked) {
          end();
          resolve(answer);
        }
      };
      // A kernel that is at work answers when it has time, or never.
      const timer = window.setTimeout(() => {
        end();
        reject(new Error(this._silent));
      }, PATIENCE);
      const end = (): void => {
        window.clearTimeout(timer);
        this._model.off('msg:custom', hear);
      };
      this._model.on('msg:custom', hear);
      this._model.send({ kind, asked, ...of });
    });
  }

  private get _silent(): string {
    return this._trans.__('The kernel does not answer.');
  }

  /** Said while the kernel is silent. */
  private _silence = '';
  private _waiting = 0;
  private _draw: () => void = () => undefined;
}
