import { ILabShell } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  Notification,
  showErrorMessage
} from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { told } from '../api';
import type { IDebugging } from '../api';
import { CommandIDs } from '../commands';
import { ISessions } from '../model/sessions';

export const debugging: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-kfx:debugging',
  description: 'Opens a console where a step of a run began.',
  autoStart: true,
  requires: [ISessions],
  optional: [ILabShell, ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    labShell: ILabShell | null,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    app.commands.addCommand(CommandIDs.debug, {
      label: trans.__('Debug This Step of the Pipeline'),
      caption: trans.__(
        'Open a console with the inputs that the step had in the last run'
      ),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run: {
              type: 'string',
              description: trans.__('The run; the last one if missing')
            },
            step: {
              type: 'string',
              description: trans.__(
                'Name of the step; that of the active cell if missing'
              )
            },
            clicked: {
              type: 'boolean',
              description: trans.__('Take the step whose menu was opened')
            }
          }
        }
      },
      isEnabled: args =>
        args.run !== undefined || Boolean(sessions.current?.run.states),
      execute: async args => {
        const session = sessions.current;
        const run =
          (args.run as string | undefined) ?? session?.run.states?.run;
        const clicked = args.clicked ? session?.pointed : null;
        const step =
          (args.step as string | undefined) ?? clicked ?? session?.activeStep;
        if (run === undefined || !step) {
          return;
        }
        // Notebook 7 has consoles in tabs of their own. A browser opens one at a click,
        // and not seconds after it.
        const tab = labShell ? null : window.open('', '_blank');
        const open = async (found: IDebugging): Promise<void> => {
          const name = trans.__('Debug %1', step);
          const { openConsole, openPage } = await import('../model/debugging');
          if (labShell) {
            await openConsole(app.commands, found, name);
          } else {
            await openPage(tab, app.serviceManager, found, name);
          }
        };
        // Values may be large, and a kernel takes seconds to start.
        const waiting = Notification.emit(
          trans.__('Loading what step %1 had…', step),
          'in-progress'
        );
        try {
          await open(await sessions.api.debug(run, step));
        } catch (error) {
          tab?.close();
          await showErrorMessage(trans.__('Debug a step'), told(error, trans));
        } finally {
          Notification.dismiss(waiting);
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.debug,
      category: trans.__('Notebook Pipelines')
    });
  }
};
