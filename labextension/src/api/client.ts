import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { KfxError } from './errors';
import { RunStream } from './stream';
import type { StreamMessage } from './stream';
import type {
  IAnalysis,
  IArtifact,
  IComparison,
  IDebugging,
  IEngine,
  ILogPart,
  IRun,
  IRunFilter,
  IRunStates,
  ISuggestion
} from './types';
import type { ISchema } from '../view/schema';

/** The routes of the server extension. */
export class Api {
  constructor(private readonly _settings: ServerConnection.ISettings) {}

  analyse(notebook: unknown, path: string): Promise<IAnalysis> {
    return this._ask('analyse', {}, { notebook, path });
  }

  suggest(notebook: unknown, path: string): Promise<ISuggestion> {
    return this._ask('suggest', {}, { notebook, path });
  }

  /** The JSON Schemas of the settings of a step and of a pipeline. */
  schema(): Promise<{ step: ISchema; pipeline: ISchema }> {
    return this._ask('schema');
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

  /** Get ready for a run of a notebook, so that it starts at once. */
  warm(
    notebook: unknown,
    path: string,
    options: Record<string, unknown> = {}
  ): Promise<void> {
    return this._ask('warm', {}, { notebook, path, options });
  }

  /** The runs of all notebooks, the newest first. */
  allRuns(filter: IRunFilter = {}): Promise<IRun[]> {
    const given = Object.entries(filter).filter(([, value]) => value !== '');
    return this._ask(
      'runs',
      Object.fromEntries(given.map(([name, value]) => [name, `${value}`]))
    );
  }

  run(id: string): Promise<IRunStates> {
    return this._ask(`runs/${encodeURIComponent(id)}`);
  }

  cancel(id: string): Promise<void> {
    return this._ask(`runs/${encodeURIComponent(id)}/cancel`, {}, {});
  }

  /** Start a run again as it was, but with the parameters and options given. */
  retry(
    id: string,
    parameters: Record<string, unknown> = {},
    options: Record<string, unknown> = {}
  ): Promise<{ run: string }> {
    const route = `runs/${encodeURIComponent(id)}/retry`;
    return this._ask(route, {}, { parameters, options });
  }

  delete(id: string): Promise<void> {
    const route = `runs/${encodeURIComponent(id)}`;
    return this._ask(route, {}, undefined, 'DELETE');
  }

  /** Start a kernel that stands where a step of a run began. */
  debug(id: string, step: string): Promise<IDebugging> {
    return this._ask(`runs/${encodeURIComponent(id)}/debug`, {}, { step });
  }

  /** How another run differs from a run: in its code, and in what came out. */
  compare(id: string, other: string): Promise<IComparison> {
    return this._ask(`runs/${encodeURIComponent(id)}/compare`, { other });
  }

  artifacts(id: string): Promise<IArtifact[]> {
    return this._ask(`runs/${encodeURIComponent(id)}/artifacts`);
  }

  /** Address of an executed step as a page that runs no script. */
  page(id: string, step: string): string {
    const route = `runs/${encodeURIComponent(id)}/notebook.html`;
    return (
      URLExt.join(this._settings.baseUrl, 'jupyter-kfx', route) +
      URLExt.objectToQueryString({ step })
    );
  }

  log(id: string, step: string, offset: number): Promise<ILogPart> {
    const query = { step, offset: `${offset}` };
    return this._ask(`runs/${encodeURIComponent(id)}/log`, query);
  }

  /** Follow a run: events as they come, and logs where asked for. */
  stream(id: string, listener: (message: StreamMessage) => void): RunStream {
    const url = URLExt.join(
      this._settings.wsUrl,
      'jupyter-kfx/runs',
      encodeURIComponent(id),
      'stream'
    );
    return new RunStream(url, this._settings, listener);
  }

  notebook(id: string, step: string): Promise<unknown> {
    return this._ask(`runs/${encodeURIComponent(id)}/notebook`, { step });
  }

  private async _ask<T>(
    route: string,
    query: Record<string, string> = {},
    body?: unknown,
    method = body === undefined ? 'GET' : 'POST'
  ): Promise<T> {
    const url =
      URLExt.join(this._settings.baseUrl, 'jupyter-kfx', route) +
      URLExt.objectToQueryString(query);
    const init =
      body === undefined ? { method } : { method, body: JSON.stringify(body) };
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
