import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** What the server answers, spelled as it sends it. */
export interface IDiagnostic {
  code: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  cure: string;
  cell: string | null;
  cell_index: number | null;
  line: number | null;
  step: string | null;
}

export interface ICellPlace {
  id: string;
  index: number;
}

export interface ISchema {
  type?: string | string[];
  enum?: unknown[];
}

export interface IParameter {
  name: string;
  default: unknown;
  source: string;
  schema: ISchema;
  help: string;
}

export interface IStep {
  name: string;
  cells: ICellPlace[];
}

export interface IPipeline {
  name: string;
  parameters: IParameter[];
  parameters_cell: ICellPlace | null;
  setup_cells: ICellPlace[];
  steps: IStep[];
  diagnostics: IDiagnostic[];
}

export interface INode {
  step: string;
  title: string;
  hint: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface IEdge {
  source: string;
  target: string;
  kind: 'data' | 'order' | 'possible';
  names: string[];
  points: [number, number][];
  label: { text: string; x: number; y: number } | null;
}

export interface IDrawing {
  width: number;
  height: number;
  nodes: INode[];
  edges: IEdge[];
}

export interface IAnalysis {
  pipeline: IPipeline;
  drawing: IDrawing;
}

export interface ISuggestion {
  steps: { name: string; cells: number[]; why: string }[];
  setup: number[];
  tags: { cell: number; add: string[] }[];
}

export interface IStepError {
  kind: string;
  ename: string;
  message: string;
  cell: string | null;
  cell_index: number | null;
  line: number | null;
}

export interface IStepState {
  step: string;
  status: string;
  attempts: number;
  started: number | null;
  seconds: number | null;
  cell_index: number | null;
  reruns: string[];
  error: IStepError | null;
  outputs: { names: string[]; size: number }[];
}

export interface IRun {
  run: string;
  status: string;
  started: string;
  ended: string | null;
  parameters: Record<string, unknown>;
  metrics: Record<string, unknown>;
}

export interface IRunStates extends IRun {
  steps: IStepState[];
  warnings: string[];
  error: { message: string; cure: string | null } | null;
}

export interface IEngine {
  name: string;
  does: string;
}

export interface ILogPart {
  text: string;
  offset: number;
  ended: boolean;
}

/** A request that the server refused: a sentence, and its cure. */
export class KfxError extends Error {
  constructor(
    message: string,
    readonly cure: string | null,
    readonly status: number
  ) {
    super(message);
  }

  get sentences(): string {
    return this.cure ? `${this.message} ${this.cure}` : this.message;
  }
}

/** The routes of the server extension. */
export class Api {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  analyse(notebook: unknown, path: string): Promise<IAnalysis> {
    return this._ask('analyse', {}, { notebook, path });
  }

  suggest(notebook: unknown, path: string): Promise<ISuggestion> {
    return this._ask('suggest', {}, { notebook, path });
  }

  engines(): Promise<IEngine[]> {
    return this._ask('engines');
  }

  start(
    notebook: unknown,
    path: string,
    parameters: Record<string, unknown>,
    options: Record<string, unknown>
  ): Promise<{ run: string }> {
    return this._ask('runs', {}, { notebook, path, parameters, options });
  }

  runs(path: string, limit: number): Promise<IRun[]> {
    return this._ask('runs', { path, limit: `${limit}` });
  }

  run(id: string): Promise<IRunStates> {
    return this._ask(`runs/${encodeURIComponent(id)}`);
  }

  cancel(id: string): Promise<void> {
    return this._ask(`runs/${encodeURIComponent(id)}/cancel`, {}, {});
  }

  log(id: string, step: string, offset: number): Promise<ILogPart> {
    const query = { step, offset: `${offset}` };
    return this._ask(`runs/${encodeURIComponent(id)}/log`, query);
  }

  notebook(id: string, step: string): Promise<unknown> {
    return this._ask(`runs/${encodeURIComponent(id)}/notebook`, { step });
  }

  private async _ask<T>(
    route: string,
    query: Record<string, string> = {},
    body?: unknown
  ): Promise<T> {
    const url =
      URLExt.join(this._settings.baseUrl, 'jupyter-kfx', route) +
      URLExt.objectToQueryString(query);
    const init =
      body === undefined
        ? { method: 'GET' }
        : { method: 'POST', body: JSON.stringify(body) };
    const answer = await ServerConnection.makeRequest(
      url,
      init,
      this._settings
    );
    const text = await answer.text();
    let content: unknown = null;
    try {
      content = JSON.parse(text);
    } catch {
      // An answer of something between here and the server.
    }
    if (!answer.ok) {
      const told = content as { message?: string; cure?: string } | null;
      throw new KfxError(
        told?.message ?? `${answer.status} ${answer.statusText}`,
        told?.cure ?? null,
        answer.status
      );
    }
    return content as T;
  }
}
