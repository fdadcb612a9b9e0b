import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';

import { Api } from '../api';
import { ISessions, Sessions } from '../model/sessions';

/** The id of the schema of the server's events of runs. */
const RUN_EVENT = 'urn:jupyter-kfx:run-event';

export const sessions: JupyterFrontEndPlugin<ISessions> = {
  id: 'jupyter-kfx:sessions',
  description: 'Keeps the pipeline of each open notebook.',
  autoStart: true,
  requires: [INotebookTracker],
  provides: ISessions,
  activate: (app: JupyterFrontEnd, tracker: INotebookTracker): ISessions => {
    const { serverSettings, events } = app.serviceManager;
    const sessions = new Sessions(tracker, new Api(serverSettings));
    // Somebody else may have started a run, or the list of runs.
    events.stream.connect((_, event) => {
      if (event.schema_id === RUN_EVENT && event.kind === 'run-started') {
        sessions.follow(`${event.notebook}`, `${event.run}`);
      }
    });
    return sessions;
  }
};
