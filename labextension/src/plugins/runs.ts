import { ILabShell, ILayoutRestorer } from '@jupyterlab/application';
import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  Dialog,
  ICommandPalette,
  MainAreaWidget,
  Notification,
  showDialog,
  showErrorMessage,
  WidgetTracker
} from '@jupyterlab/apputils';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { told } from '../api';
import type { IRun } from '../api';
import { CommandIDs } from '../commands';
import { pipelineIcon } from '../icon';
import { Endings } from '../model/endings';
import { RunList, secondsOf } from '../model/runs';
import { ISessions } from '../model/sessions';
import { place } from '../view/place';
import { duration, statusWord } from '../view/status';
import type { RunsPanel } from '../view/Runs';

const ID = 'jupyter-kfx:runs';

export const runs: JupyterFrontEndPlugin<void> = {
  id: ID,
  description:
    'Lists and compares the runs, and tells when a long one has ended.',
  autoStart: true,
  requires: [ISessions],
  optional: [
    ICommandPalette,
    ILabShell,
    ILayoutRestorer,
    ISettingRegistry,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    sessions: ISessions,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_kfx');
    const { api } = sessions;
    const list = new RunList(api);
    const tracker = new WidgetTracker<MainAreaWidget<RunsPanel>>({
      namespace: 'kfx-runs'
    });

    /** Do what was asked for, and look at the list again. */
    const act = async (call: () => Promise<unknown>): Promise<void> => {
      try {
        await call();
      } catch (error) {
        await showErrorMessage(trans.__('Runs'), told(error, trans));
      }
      await list.refresh();
    };
    const remove = async (chosen: IRun[]): Promise<void> => {
      const answer = await showDialog({
        title: trans._n('Delete the run?', 'Delete %1 runs?', chosen.length),
        body: trans.__(
          'Their logs, executed steps and values are deleted from the store too.'
        ),
        buttons: [
          Dialog.cancelButton({ label: trans.__('Cancel') }),
          Dialog.warnButton({ label: trans.__('Delete') })
        ]
      });
      if (answer.button.accept) {
        await act(async () => {
          for (const run of chosen) {
            await api.delete(run.run);
          }
        });
      }
    };

    const opened = async (): Promise<MainAreaWidget<RunsPanel>> => {
      const { RunsPanel } = await import('../view/Runs');
      const content = new RunsPanel(
        list,
        {
          cancel: run => void act(() => api.cancel(run.run)),
          retry: run => void act(() => api.retry(run.run)),
          remove: chosen => void remove(chosen),
          debug: (run, step) =>
            void app.commands.execute(CommandIDs.debug, { run, step })
        },
        trans
      );
      const view = new MainAreaWidget({ content });
      view.id = 'jp-kfx-runs';
      view.title.label = trans.__('Runs');
      view.title.icon = pipelineIcon;
      void tracker.add(view);
      return view;
    };

    app.commands.addCommand(CommandIDs.runs, {
      label: trans.__('Show the Runs of Pipelines'),
      caption: trans.__('All runs, to look at, to compare and to run again'),
      icon: pipelineIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            run: {
              type: 'string',
              description: trans.__('The run whose steps are shown')
            }
          }
        }
      },
      execute: async args => {
        const view = tracker.find(() => true) ?? (await opened());
        if (typeof args.run === 'string') {
          view.content.open(args.run);
        }
        place(app.shell, labShell, view);
      }
    });
    palette?.addItem({
      command: CommandIDs.runs,
      category: trans.__('Notebook Pipelines')
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.runs,
      name: () => 'runs'
    });

    const endings = new Endings(run => {
      const name = run.notebook ?? run.pipeline;
      const took = duration(secondsOf(run));
      const isGood = run.status === 'succeeded';
      Notification.emit(
        isGood
          ? trans.__('The run of %1 has succeeded after %2.', name, took)
          : trans.__(
              'The run of %1 has ended after %2: %3.',
              name,
              took,
              statusWord(run.status, trans)
            ),
        isGood ? 'success' : 'error',
        {
          autoClose: false,
          actions: [
            {
              label: trans.__('Open the run'),
              callback: () =>
                void app.commands.execute(CommandIDs.runs, { run: run.run })
            }
          ]
        }
      );
    });
    list.changed.connect(() => list.runs.forEach(run => endings.see(run)));
    sessions.each(session =>
      session.run.changed.connect(({ states }) => {
        if (states) {
          endings.see(states);
        }
      })
    );
    void settings?.load(ID).then(loaded => {
      const read = (): void => {
        endings.least = loaded.get('notifyAfter').composite as number;
      };
      loaded.changed.connect(read);
      read();
    });
  }
};
